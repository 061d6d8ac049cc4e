package http1_test

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// The heads that speed is judged by: what curl sends, and what a browser sends.
var heads = []struct {
	name, text string
}{
	{"curl", "GET / HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n\r\n"},
	{"browser", strings.Join([]string{
		"GET /articles/2026/fast-servers?page=2&sort=date HTTP/1.1",
		"Host: www.example.com",
		"Connection: keep-alive",
		"Cache-Control: max-age=0",
		`sec-ch-ua: "Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"`,
		"sec-ch-ua-mobile: ?0",
		`sec-ch-ua-platform: "Linux"`,
		"Upgrade-Insecure-Requests: 1",
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
		"Accept-Encoding: gzip, deflate, br",
		"Accept-Language: en-US,en;q=0.9",
		"Cookie: session=8d7f2c6b1a; theme=dark",
		"\r\n",
	}, "\r\n")},
}

func BenchmarkParse(b *testing.B) {
	for _, head := range heads {
		b.Run("fastgo/"+head.name, func(b *testing.B) {
			limits := http1.DefaultLimits()
			var parser http1.Parser
			var request gocore.Request
			buf := []byte(head.text)
			b.ReportAllocs()
			for b.Loop() {
				if n, _, _ := parser.Parse(&limits, buf, &request); n != len(buf) {
					b.Fatal("not parsed")
				}
			}
		})
		b.Run("fasthttp/"+head.name, func(b *testing.B) {
			var header fasthttp.RequestHeader
			source := bytes.NewReader(nil)
			reader := bufio.NewReader(source)
			buf := []byte(head.text)
			b.ReportAllocs()
			for b.Loop() {
				source.Reset(buf)
				reader.Reset(source)
				if err := header.Read(reader); err != nil {
					b.Fatal(err)
				}
			}
		})
		// The same without the cost of setting up a reader: it is filled once
		// for many requests, and all that remains is its Peek and Discard.
		b.Run("fasthttp-pipelined/"+head.name, func(b *testing.B) {
			const requests = 64
			var header fasthttp.RequestHeader
			source := bytes.NewReader(nil)
			buf := bytes.Repeat([]byte(head.text), requests)
			reader := bufio.NewReaderSize(source, len(buf))
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if n%requests == 0 {
					source.Reset(buf)
					reader.Reset(source)
				}
				if err := header.Read(reader); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendResponse(b *testing.B) {
	var header gocore.Header
	if err := header.Add("Content-Type", "text/plain; charset=utf-8"); err != nil {
		b.Fatal(err)
	}
	body := []byte("Hello, World!")
	block, err := gocore.Render(200, header, body)
	if err != nil {
		b.Fatal(err)
	}
	head, err := gocore.RenderHead(200, header)
	if err != nil {
		b.Fatal(err)
	}
	rendered, headed, parts := new(gocore.Response), new(gocore.Response), &gocore.Response{Header: header}
	rendered.SetRendered(block)
	headed.SetHead(head)
	headed.SetBytes(body)
	parts.SetBytes(body)
	dst := make([]byte, 0, 1<<10)
	for _, kind := range []struct {
		name     string
		response *gocore.Response
	}{{"rendered", rendered}, {"head and bytes", headed}, {"bytes", parts}} {
		b.Run(kind.name, func(b *testing.B) {
			exchange := http1.Exchange{Method: gocore.MethodGet, Minor: 1, KeepAlive: true, Date: &date}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = http1.AppendResponse(dst, kind.response, &exchange)
			}
		})
	}
}

func BenchmarkChunked(b *testing.B) {
	limits := http1.DefaultLimits()
	text := []byte("400\r\n" + strings.Repeat("a", 1<<10) + "\r\n0\r\n\r\n")
	buf := make([]byte, len(text))
	b.ReportAllocs()
	for b.Loop() {
		copy(buf, text)
		var chunked http1.Chunked
		if body, _, _ := chunked.Decode(&limits, buf, 0); body != 1<<10 {
			b.Fatal("not decoded")
		}
	}
}
