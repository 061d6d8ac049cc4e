package native

import (
	"testing"

	"fastgo/gocore"
	"fastgo/gocore/native/nativetest"
)

// BenchmarkCall is a call into C and back.
func BenchmarkCall(b *testing.B) {
	e := newEnvironment(b)
	target := e.handler(b, Spec{Address: nativetest.Hello}).(*handler).target
	frame := e.frames.take()
	b.ReportAllocs()
	for b.Loop() {
		frame.call(target)
	}
}

// BenchmarkServe is that with all that is around it: from a request in mapped memory to
// a response, and its release.
func BenchmarkServe(b *testing.B) {
	e := newEnvironment(b)
	handler := e.handler(b, Spec{Address: nativetest.Hello})
	request, response := mappedRequest(b, "GET", "/hello"), new(gocore.Response)
	b.ReportAllocs()
	for b.Loop() {
		handler.Serve(request, response)
		response.Reset()
	}
}

// BenchmarkServeCopied is the same where the request lies in the Go heap.
func BenchmarkServeCopied(b *testing.B) {
	e := newEnvironment(b)
	handler := e.handler(b, Spec{Address: nativetest.Hello})
	request, response := mappedRequest(b, "GET", "/hello"), new(gocore.Response)
	request.Mapped = false
	b.ReportAllocs()
	for b.Loop() {
		handler.Serve(request, response)
		response.Reset()
	}
}

// BenchmarkServeCompiled is the same for a function that takes words; its codec is a
// trifle.
func BenchmarkServeCompiled(b *testing.B) {
	e := newEnvironment(b)
	handler, request, response := e.compiled(b, false, true), repeatRequest(b, "1", "ab"), new(gocore.Response)
	b.ReportAllocs()
	for b.Loop() {
		handler.Serve(request, response)
		response.Reset()
	}
}
