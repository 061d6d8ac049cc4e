// Package enginetest proves that an engine behaves as its interface promises.
// Every engine runs the same suite, in a test of its own:
//
//	func TestEngine(t *testing.T) {
//		enginetest.Run(t, func(config engine.Config) engine.Engine { return newEngine(t, config) })
//	}
//
// The suite talks to the engine over sockets, in bytes, and gives it handlers
// that never wait: they may run on an event loop. Each file holds one concept;
// server.go and client.go are the two ends that the tests stand between.
//
// Every test also proves two things by the way, when its server stops: that each
// thing lent to a response was given back exactly once, and that Serve returns.
package enginetest

import (
	"testing"
	"time"

	"fastgo/gocore/engine"
)

// Make returns a new engine, ready to serve.
type Make func(engine.Config) engine.Engine

// patience is how long a test waits for what must happen: long, as the machine
// may be busy, and only ever used up by a failure.
const patience = 20 * time.Second

// Run proves the engines that make returns.
func Run(t *testing.T, make func(engine.Config) engine.Engine) {
	for _, concept := range []struct {
		name string
		run  func(*testing.T, Make)
	}{
		{"ResponseBodies", responseBodies},
		{"ResponseStreams", responseStreams},
		{"ResponseHeads", responseHeads},
		{"Releases", releases},
		{"RequestHeads", requestHeads},
		{"Refusals", refusals},
		{"RequestBodies", requestBodies},
		{"RequestStreams", requestStreams},
		{"Expectations", expectations},
		{"DeferredAnswers", deferredAnswers},
		{"Watchers", watchers},
		{"Ports", ports},
		{"Pipelines", pipelines},
		{"Panics", panics},
		{"Drain", drain},
		{"Limits", limits},
		{"Times", times},
		{"Accepting", accepting},
		{"Statistics", statistics},
		{"Allocations", allocations},
		{"Memory", memory},
	} {
		t.Run(concept.name, func(t *testing.T) { concept.run(t, make) })
	}
}
