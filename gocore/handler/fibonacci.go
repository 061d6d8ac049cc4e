package handler

import (
	"slices"
	"strconv"

	"fastgo/gocore"
)

// Fibonacci answers with a Fibonacci number in uint32 arithmetic, overflow included,
// computed anew for every request: the CPU-bound half of the demo and of the
// benchmarks. The zero value answers with the 10^6th.
type Fibonacci struct {
	// Numbered: which number it is, the path tells, by the int parameter Param.
	Numbered bool
	Param    int
}

// mostFibonacci takes less than a millisecond: what computes longer holds up a loop.
const mostFibonacci = 1_000_000

// NewFibonacci returns the handler for a path with these parameters: with {n:int}
// it is the n-th number, else the 10^6th.
func NewFibonacci(params []gocore.Param) gocore.Handler {
	n := slices.Index(params, gocore.Param{Name: "n", Kind: gocore.ParamInt})
	if n < 0 {
		return Fibonacci{}
	}
	return Fibonacci{Numbered: true, Param: n}
}

// Serve computes and answers.
func (f Fibonacci) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	n, digits := mostFibonacci, tenToTheSixth
	if f.Numbered {
		digits = request.Params.Value(f.Param)
		if len(digits) > len("1000000") { // an error of Atoi would allocate
			return refuseNumber(response)
		}
		n, _ = strconv.Atoi(string(digits))
		if n < 0 || n > mostFibonacci {
			return refuseNumber(response)
		}
	}
	text := append(response.Scratch[:0], "Fibonacci("...)
	text = append(text, digits...)
	text = append(text, ") = "...)
	text = strconv.AppendUint(text, uint64(fibonacci(n)), 10)
	text = append(text, " (with overflow)\n"...)
	response.Scratch = text
	response.Header.Borrow(plainTextField)
	response.SetBytes(text)
	return gocore.Answered
}

var (
	tenToTheSixth  = []byte("10^6")
	plainTextField = []byte("Content-Type: " + PlainText + "\r\n")
	wrongNumber    = []byte("n must be 0 to " + strconv.Itoa(mostFibonacci) + "\n")
)

func refuseNumber(response *gocore.Response) gocore.Outcome {
	response.Status = gocore.StatusBadRequest
	response.Header.Borrow(plainTextField)
	response.SetBytes(wrongNumber)
	return gocore.Answered
}

// fibonacci goes by twos, which needs no copies, and by eights, so that it does not
// matter how the loop lies in memory. One of the two is kept negative: of two additions
// the compiler would make such that do not wait for each other. So the work is a chain,
// as in other languages, and two threads of one core do not slow each other.
func fibonacci(n int) uint32 {
	a, minusB := uint32(0), ^uint32(0)
	for ; n >= 8; n -= 8 {
		a -= minusB
		minusB -= a
		a -= minusB
		minusB -= a
		a -= minusB
		minusB -= a
		a -= minusB
		minusB -= a
	}
	for ; n >= 2; n -= 2 {
		a -= minusB
		minusB -= a
	}
	if n == 1 {
		return -minusB
	}
	return a
}
