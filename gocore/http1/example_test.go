package http1_test

import (
	"fmt"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// A request arrives in two pieces and is answered.
func Example() {
	limits := http1.DefaultLimits()
	var parser http1.Parser
	var request gocore.Request

	buf := []byte("GET /greet?name=you HTTP/1.1\r\nHo")
	n, _, _ := parser.Parse(&limits, buf, &request)
	fmt.Println("complete:", n > 0)

	buf = append(buf, "st: example.com\r\n\r\n"...)
	n, framing, _ := parser.Parse(&limits, buf, &request)
	fmt.Println("complete:", n > 0)
	fmt.Printf("%s %s %s\n", request.Method, request.Path, request.Query)

	var response gocore.Response
	response.SetBytes([]byte("hello"))
	answer, _ := http1.AppendResponse(nil, &response, &http1.Exchange{
		Method:    request.Method,
		Minor:     request.Minor,
		KeepAlive: framing.KeepAlive,
		Date:      &date,
	})
	fmt.Printf("%q\n", answer)
	// Output:
	// complete: false
	// complete: true
	// GET /greet name=you
	// "HTTP/1.1 200 OK\r\nServer: fastgo\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 5\r\n\r\nhello"
}

// A chunked body is decoded in place, in the buffer that it arrives in.
func ExampleChunked_Decode() {
	limits := http1.DefaultLimits()
	var chunked http1.Chunked

	buf := []byte("5\r\nhel")
	body, _, _ := chunked.Decode(&limits, buf, 0)
	buf = append(buf[:body], "lo\r\n0\r\n\r\nGET /next"...)
	body, rest, _ := chunked.Decode(&limits, buf, body)
	fmt.Printf("%v %q %q\n", chunked.Done(), buf[:body], buf[rest:])
	// Output: true "hello" "GET /next"
}
