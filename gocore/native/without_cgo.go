//go:build !cgo

package native

import (
	"errors"
	"time"

	"fastgo/gocore"
)

// Environment has no handlers where there is no cgo.
type Environment struct{}

// NewEnvironment returns an empty environment.
func NewEnvironment(Options) *Environment { return &Environment{} }

// New fails.
func (*Environment) New(Spec, Route) (gocore.Handler, error) {
	return nil, errors.New("native handlers need a fastgo that was built with cgo")
}

// NewCompiled fails.
func (*Environment) NewCompiled(CompiledSpec, Route) (gocore.Handler, error) {
	return nil, errors.New("compiled handlers need a fastgo that was built with cgo")
}

// Close does nothing.
func (*Environment) Close(time.Duration) (running int) { return 0 }

// ReportCrashes fails.
func ReportCrashes() error { return errors.New("crashes are reported where fastgo was built with cgo") }
