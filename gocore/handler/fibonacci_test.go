package handler

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
)

func TestFibonacciCountsInUint32(t *testing.T) {
	assert.Equal(t, uint32(0), fibonacci(0))
	assert.Equal(t, uint32(1), fibonacci(1))
	assert.Equal(t, uint32(1), fibonacci(2))
	assert.Equal(t, uint32(55), fibonacci(10))
	assert.Equal(t, uint32(2971215073), fibonacci(47), "the last one that fits")
	assert.Equal(t, uint32(4807526976%(1<<32)), fibonacci(48))

	response := serve(t, Fibonacci{}, newRequest())
	assert.Equal(t, "Fibonacci(10^6) = 1884755131 (with overflow)\n", string(response.Bytes()))
	assert.Equal(t, PlainText, string(response.Header.Get("content-type")))
}

func TestFibonacciIsOfTheNumberThatThePathTells(t *testing.T) {
	numbered := NewFibonacci([]gocore.Param{{Name: "x"}, {Name: "n", Kind: gocore.ParamInt}})
	for n, want := range map[string]string{
		"0":                   "Fibonacci(0) = 0 (with overflow)\n",
		"48":                  "Fibonacci(48) = 512559680 (with overflow)\n",
		"1000000":             "Fibonacci(1000000) = 1884755131 (with overflow)\n",
		"1000001":             "n must be 0 to 1000000\n",
		"-1":                  "n must be 0 to 1000000\n",
		"9223372036854775807": "n must be 0 to 1000000\n",
	} {
		response := serve(t, numbered, withParams(newRequest(), "7", n))
		assert.Equal(t, want, string(response.Bytes()))
		assert.Equal(t, want[0] == 'n', response.Status == gocore.StatusBadRequest, n)
		assert.Equal(t, PlainText, string(response.Header.Get("content-type")))
	}
}

func TestOtherParametersDoNotMatterToFibonacci(t *testing.T) {
	assert.Equal(t, Fibonacci{}, NewFibonacci(nil))
	assert.Equal(t, Fibonacci{}, NewFibonacci([]gocore.Param{{Name: "n"}, {Name: "m", Kind: gocore.ParamInt}}))
}

func TestFibonacciDoesNotAllocate(t *testing.T) {
	assertNoAllocations(t, Fibonacci{}, newRequest())
	numbered := NewFibonacci([]gocore.Param{{Name: "n", Kind: gocore.ParamInt}})
	assertNoAllocations(t, numbered, withParams(newRequest(), "10"))
	assertNoAllocations(t, numbered, withParams(newRequest(), "9223372036854775807"))
}
