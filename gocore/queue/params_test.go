package queue

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

func TestParametersThatThePathHasNotAreRefused(t *testing.T) {
	for want, needed := range map[string][]string{
		`params[0]: the path has no parameter "name"; write {name} in it, or take`: {"name"},
		`params[1]: the path has no parameter "Id"; write {Id} in it, or take`:     {"id", "Id"},
		`params[0]: the path has no parameter ""; write {} in it, or take`:         {""},
	} {
		_, err := names(needed, []gocore.Param{{Name: "id"}, {Name: "key"}})
		assert.ErrorContains(t, err, want)
	}
}

func TestParametersComeInTheOrderOfThePath(t *testing.T) {
	params := []gocore.Param{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	for _, needed := range [][]string{nil, {"b"}, {"c", "a"}, {"a", "a"}} {
		found, err := names(needed, params)
		assert.NoError(t, err)
		assert.Equal(t, [][]byte{[]byte("a"), []byte("b"), []byte("c")}, found)
	}
}
