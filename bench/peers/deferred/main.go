//go:build linux

// Command deferred serves two routes on an engine of fastgo: / answers on the
// event loop with a rendered block, /deferred from a goroutine. It shows what
// goroutines have to wait for beside loops that are busy.
package main

import (
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net"
	"runtime"
	"time"

	"fastgo/gocore"
	"fastgo/gocore/engine"
	"fastgo/gocore/engine/epoll"
	"fastgo/gocore/engine/fasthttp"
)

func main() {
	name := flag.String("engine", "epoll", "epoll or fasthttp")
	loops := flag.Int("loops", runtime.GOMAXPROCS(0), "number of event loops")
	flag.Parse()

	serving, err := build(*name, *loops)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	serving.Serve(listener)
}

// build makes an engine, with the processors that fastgo's server gives to it:
// a loop that never blocks holds one, and leaves goroutines the one beside.
func build(name string, loops int) (engine.Engine, error) {
	find, err := routes()
	if err != nil {
		return nil, err
	}
	config := engine.Config{Find: find, Limits: limits, Stats: new(engine.Stats), Logger: slog.Default()}
	switch name {
	case "epoll":
		runtime.GOMAXPROCS(loops + 1)
		return epoll.New(config, loops)
	case "fasthttp":
		runtime.GOMAXPROCS(loops)
		return fasthttp.New(config)
	}
	return nil, fmt.Errorf("no engine %q; choose epoll or fasthttp", name)
}

// limits are the defaults of fastgo, but for the number of connections.
var limits = engine.Limits{
	RequestLine: 8 << 10,
	HeaderBytes: 32 << 10,
	HeaderCount: 100,
	HeaderTime:  10 * time.Second,
	Idle:        75 * time.Second,
	Body:        30 * time.Second,
	Write:       30 * time.Second,
	InFlight:    32,
	Connections: 10_000,
}

func routes() (gocore.Find, error) {
	hello, err := render(gocore.StatusOK, "Hello, World!")
	if err != nil {
		return nil, err
	}
	missing, err := render(gocore.StatusNotFound, "Not Found")
	if err != nil {
		return nil, err
	}
	constant := route(func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
		response.SetRendered(hello)
		return gocore.Answered
	})
	deferred := route(func(request *gocore.Request, _ *gocore.Response) gocore.Outcome {
		token := request.Defer()
		go func() {
			response := gocore.AcquireResponse()
			response.SetRendered(hello)
			token.Answer(response)
		}()
		return gocore.Deferred
	})
	notFound := route(func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
		response.SetRendered(missing)
		return gocore.Answered
	})
	return func(request *gocore.Request) *gocore.Route {
		switch string(request.Path) {
		case "/":
			return constant
		case "/deferred":
			return deferred
		}
		return notFound
	}, nil
}

func route(serve gocore.HandlerFunc) *gocore.Route {
	return &gocore.Route{Handler: serve, MaxBody: 1 << 20}
}

func render(status gocore.Status, text string) (*gocore.Rendered, error) {
	var header gocore.Header
	if err := header.Add("Content-Type", "text/plain; charset=utf-8"); err != nil {
		return nil, err
	}
	return gocore.Render(status, header, []byte(text))
}
