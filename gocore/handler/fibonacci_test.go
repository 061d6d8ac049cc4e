package handler

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFibonacciCountsInUint32(t *testing.T) {
	assert.Equal(t, uint32(0), fibonacci(0))
	assert.Equal(t, uint32(1), fibonacci(1))
	assert.Equal(t, uint32(55), fibonacci(10))
	assert.Equal(t, uint32(2971215073), fibonacci(47), "the last one that fits")
	assert.Equal(t, uint32(4807526976%(1<<32)), fibonacci(48))

	response := serve(t, Fibonacci{}, newRequest())
	assert.Equal(t, "Fibonacci(10^6) = 1884755131 (with overflow)\n", string(response.Bytes()))
	assert.Equal(t, PlainText, string(response.Header.Get("content-type")))
}

func TestFibonacciDoesNotAllocate(t *testing.T) {
	assertNoAllocations(t, Fibonacci{}, newRequest())
}
