// Command nethttp is the net/http yardstick: the two routes of the benchmarks
// as a Go user writes them, with the package's default settings.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime"
)

const plainText = "text/plain; charset=utf-8"

func main() {
	loops := flag.Int("loops", 0, "GOMAXPROCS; 0 keeps Go's own choice")
	flag.Parse()
	runtime.GOMAXPROCS(*loops)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", hello)
	mux.HandleFunc("GET /fibonacci", fibonacci)

	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, mux))
}

func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", plainText)
	io.WriteString(w, "Hello, World!")
}

func fibonacci(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", plainText)
	fmt.Fprintf(w, "Fibonacci(10^6) = %d (with overflow)\n", fib(1_000_000))
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
