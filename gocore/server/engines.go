package server

import (
	"strings"

	"fastgo/gocore/engine"
	"fastgo/gocore/engine/fasthttp"
)

// engineKind is an engine that a server can be told to use.
type engineKind struct {
	name string
	// spare is how many processors the engine leaves to other goroutines beside
	// its loops: loops that never block hold theirs.
	spare int
	build func(config engine.Config, loops int) (engine.Engine, error)
}

var fasthttpKind = engineKind{
	name:  "fasthttp",
	build: func(config engine.Config, _ int) (engine.Engine, error) { return fasthttp.New(config) },
}

// findEngine returns the engine of that name; "auto" is the first of the system.
func findEngine(name string) (engineKind, *Error) {
	names := []string{`"auto"`}
	for i, kind := range engineKinds {
		if kind.name == name || name == "auto" && i == 0 {
			return kind, nil
		}
		names = append(names, `"`+kind.name+`"`)
	}
	last := len(names) - 1
	return engineKind{}, configError("engine", "%q is not known; choose %s or %s", name, strings.Join(names[:last], ", "), names[last])
}
