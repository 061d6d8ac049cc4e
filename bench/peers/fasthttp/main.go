// Command fasthttp is the fasthttp yardstick: the two routes of the benchmarks
// as a Go user writes them, with the package's default settings.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"runtime"

	"github.com/valyala/fasthttp"
)

func main() {
	loops := flag.Int("loops", 0, "GOMAXPROCS; 0 keeps Go's own choice")
	flag.Parse()
	runtime.GOMAXPROCS(*loops)

	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(fasthttp.Serve(listener, route))
}

// route leaves Content-Type to fasthttp, whose default is the one wanted here:
// text/plain; charset=utf-8.
func route(ctx *fasthttp.RequestCtx) {
	switch string(ctx.Path()) {
	case "/":
		ctx.WriteString("Hello, World!")
	case "/fibonacci":
		fmt.Fprintf(ctx, "Fibonacci(10^6) = %d (with overflow)\n", fib(1_000_000))
	default:
		ctx.NotFound()
	}
}

// fib computes the n-th Fibonacci number modulo 2^32, by the loop of fastgo's own
// handler: so it is the servers that are compared.
func fib(n int) uint32 {
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
