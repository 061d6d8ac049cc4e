package handler

import (
	"strconv"

	"fastgo/gocore"
)

const fibonacciIndex = 1_000_000

// Fibonacci answers with the 10^6th Fibonacci number in uint32 arithmetic,
// overflow included, computed anew for every request: the CPU-bound half of the
// demo and of the benchmarks.
type Fibonacci struct{}

// Serve computes and answers.
func (Fibonacci) Serve(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
	text := append(response.Scratch[:0], "Fibonacci(10^6) = "...)
	text = strconv.AppendUint(text, uint64(fibonacci(fibonacciIndex)), 10)
	text = append(text, " (with overflow)\n"...)
	response.Scratch = text
	response.Header.Borrow(plainTextField)
	response.SetBytes(text)
	return gocore.Answered
}

var plainTextField = []byte("Content-Type: " + PlainText + "\r\n")

func fibonacci(n int) uint32 {
	var a, b uint32 = 0, 1
	for range n {
		a, b = b, a+b
	}
	return a
}
