//go:build !unix

package fasthttp

import "time"

// inputTime is how long to wait for what may be there already.
const inputTime = 20 * time.Millisecond

// hasInput cannot tell: the read or the accept does.
func hasInput(any) bool { return true }

// hasHungUp cannot tell: the write of the answer does.
func hasHungUp(any) bool { return false }

// hasEnded cannot tell either.
func hasEnded(any) bool { return false }
