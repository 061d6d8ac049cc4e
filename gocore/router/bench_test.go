package router

import (
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/julienschmidt/httprouter"

	"fastgo/gocore"
)

// The routes that speed is judged by: the public API of GitHub, "METHOD /pattern".
//
//go:embed testdata/github.txt
var github string

// call is a route, and a request for it.
type call struct {
	method, pattern, path string
	colons                string // the pattern as httprouter writes it
	static                bool
}

var plain, colons = strings.NewReplacer("{", "", "}", ""), strings.NewReplacer("{", ":", "}", "")

func githubCalls() []call {
	var calls []call
	for line := range strings.Lines(github) {
		method, pattern, _ := strings.Cut(strings.TrimSpace(line), " ")
		path := plain.Replace(pattern)
		calls = append(calls, call{method, pattern, path, colons.Replace(pattern), path == pattern})
	}
	return calls
}

// manyCalls are routes as large tables have them: half of them literal, half with
// parameters.
func manyCalls(n int) []call {
	calls := make([]call, n)
	for i := range calls {
		pattern := fmt.Sprintf("/service%d/resource%d/{id}/items/{item}", i%100, i)
		if i%2 == 0 {
			pattern = fmt.Sprintf("/service%d/resource%d/items", i%100, i)
		}
		path := plain.Replace(pattern)
		calls[i] = call{"GET", pattern, path, colons.Replace(pattern), path == pattern}
	}
	return calls
}

func compile(calls []call) *Table[int] {
	routes := make([]Route[int], len(calls))
	for i, c := range calls {
		pattern, err := Parse(c.pattern)
		if err != nil {
			panic(err)
		}
		routes[i] = Route[int]{Method: gocore.ParseMethod(c.method), Pattern: pattern, Payload: i + 1}
	}
	table, conflict := Build(routes, Fallbacks[int]{NotAllowed: func(string) int { return 0 }, Options: func(string) int { return 0 }})
	if conflict != nil {
		panic(conflict)
	}
	return table
}

func compileHTTPRouter(calls []call) *httprouter.Router {
	table := httprouter.New()
	handle := func(http.ResponseWriter, *http.Request, httprouter.Params) {}
	for _, c := range calls {
		table.Handle(c.method, c.colons, handle)
	}
	return table
}

// BenchmarkMatch matches each route of the API once: static ones, and those with
// parameters. httprouter gives its parameters back, as it does in a server.
func BenchmarkMatch(b *testing.B) {
	all := githubCalls()
	for _, static := range []bool{true, false} {
		var calls []call
		for _, c := range all {
			if c.static == static {
				calls = append(calls, c)
			}
		}
		name := map[bool]string{true: "static", false: "parameters"}[static]
		b.Run(name+"/fastgo", func(b *testing.B) {
			table := compile(all)
			var params gocore.Params
			host := []byte("api.github.com")
			methods, paths := make([]gocore.Method, len(calls)), make([][]byte, len(calls))
			for i, c := range calls {
				methods[i], paths[i] = gocore.ParseMethod(c.method), []byte(c.path)
			}
			b.ReportAllocs()
			for b.Loop() {
				for i := range calls {
					if table.Match(methods[i], host, paths[i], &params) == 0 {
						b.Fatal(calls[i].path)
					}
				}
			}
		})
		b.Run(name+"/httprouter", func(b *testing.B) {
			table := compileHTTPRouter(all)
			requests, writer := requestsFor(b, calls), nowhere{}
			b.ReportAllocs()
			for b.Loop() {
				for _, request := range requests {
					table.ServeHTTP(writer, request)
				}
			}
		})
		b.Run(name+"/httprouter-lookup", func(b *testing.B) {
			table := compileHTTPRouter(all)
			b.ReportAllocs()
			for b.Loop() {
				for i := range calls {
					if handle, _, _ := table.Lookup(calls[i].method, calls[i].path); handle == nil {
						b.Fatal(calls[i].path)
					}
				}
			}
		})
		b.Run(name+"/ServeMux", func(b *testing.B) {
			mux := http.NewServeMux()
			for _, c := range all {
				mux.HandleFunc(c.method+" "+c.pattern, func(http.ResponseWriter, *http.Request) {})
			}
			requests, writer := requestsFor(b, calls), nowhere{}
			b.ReportAllocs()
			for b.Loop() {
				for _, request := range requests {
					mux.ServeHTTP(writer, request)
				}
			}
		})
	}
}

func requestsFor(b *testing.B, calls []call) []*http.Request {
	requests := make([]*http.Request, len(calls))
	for i, c := range calls {
		request, err := http.NewRequest(c.method, c.path, nil)
		if err != nil {
			b.Fatal(err)
		}
		request.RequestURI = c.path
		requests[i] = request
	}
	return requests
}

// nowhere is a ResponseWriter that nobody reads.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)             {}

// BenchmarkCompile makes tables; its figures are per route.
func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		calls := manyCalls(n)
		for _, compiler := range []struct {
			name    string
			compile func([]call)
		}{
			{"fastgo", func(calls []call) { compile(calls) }},
			{"httprouter", func(calls []call) { compileHTTPRouter(calls) }},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, compiler.name), func(b *testing.B) {
				for b.Loop() {
					compiler.compile(calls)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/route")
			})
		}
	}
}
