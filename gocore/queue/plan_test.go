package queue

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

func TestWrongPlansAreRefused(t *testing.T) {
	params := []gocore.Param{{Name: "id"}}
	for want, plan := range map[string][]Argument{
		`plan[0].as: is for values of the path; remove it`:                            {{From: "request", As: "str"}},
		`plan: has 17 arguments; 16 are supported`:                                    make([]Argument, 17),
		`plan[0].from: "body" is not known; write "path" or "request"`:                {{From: "body"}},
		`plan[1].name: the path has no parameter "name"; write {name} in it, or take`: {{From: "request"}, {From: "path", Name: "name", As: "str"}},
		`plan[0].as: "bool" is not known; write "str", "int" or "float"`:              {{From: "path", Name: "id", As: "bool"}},
		`plan[1].name: "id" is there twice`:                                           {{From: "path", Name: "id", As: "str"}, {From: "path", Name: "id", As: "int"}},
	} {
		_, err := order(plan, params)
		assert.ErrorContains(t, err, want)
	}
}

func TestParametersOfThePlanComeFirst(t *testing.T) {
	ordered, err := order([]Argument{{From: "path", Name: "c", As: "str"}, {From: "path", Name: "a", As: "int"}},
		[]gocore.Param{{Name: "a"}, {Name: "b"}, {Name: "c"}})
	assert.NoError(t, err)
	assert.Equal(t, []param{{[]byte("c"), 2}, {[]byte("a"), 0}, {[]byte("b"), 1}}, ordered)
}
