//go:build !linux

package queue

import (
	"errors"
	"time"

	"fastgo/gocore"
)

// Queue has no workers elsewhere than on Linux.
type Queue struct{}

// New returns a queue without workers.
func New(Options) *Queue { return new(Queue) }

var errSystem = errors.New("functions of Python are served on Linux alone")

// New fails.
func (*Queue) New(spec Spec, route Route) (gocore.Handler, error) {
	if _, err := spec.lane(); err != nil {
		return nil, err
	}
	if _, err := names(spec.Params, route.Params); err != nil {
		return nil, err
	}
	return nil, errSystem
}

// Address is 0.
func (*Queue) Address() uint64 { return 0 }

// Refused is 0.
func (*Queue) Refused() uint64 { return 0 }

// Release does nothing.
func (*Queue) Release() {}

// Loop returns no port.
func (*Queue) Loop(int) (gocore.Port, error) { return nil, nil }

// Shared returns no port.
func (*Queue) Shared() (gocore.Port, error) { return nil, nil }

// Close does nothing.
func (*Queue) Close(bool, time.Duration) (running int) { return 0 }
