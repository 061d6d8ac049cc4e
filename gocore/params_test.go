package gocore

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParamsLieInAPath(t *testing.T) {
	var params Params
	params.Begin([]byte("/users/42/posts/7"))
	params.Add(7, 9)
	params.Add(16, 17)
	assert.Equal(t, 2, params.Len())
	assert.Equal(t, "42", string(params.Value(0)))
	assert.Equal(t, "7", string(params.Value(1)))
	assert.Equal(t, 2, cap(params.Value(0)), "append to a value does not write into the path")
	params.Truncate(1)
	assert.Equal(t, 1, params.Len())
	assert.Panics(t, func() { params.Value(1) }, "a value given up is no value")
	params.Begin(nil)
	assert.Zero(t, params.Len())
}
