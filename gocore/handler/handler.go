// Package handler has the kinds of handler that a route document can name.
//
// Each kind is built from a spec, the part of the document that describes it,
// and built once, when routes are compiled: what can be worked out then is not
// worked out again for a request. A constructor's error names the field of the
// spec that is wrong.
package handler

import (
	"fmt"

	"fastgo/gocore"
)

// FieldError says which field of a handler's spec is wrong, and why.
type FieldError struct {
	Field, Reason string
}

// Error returns the field and the reason.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s", e.Field, e.Reason)
}

// Constant answers every request with the same rendered block.
type Constant struct {
	Rendered *gocore.Rendered
}

// Serve answers with the block.
func (c Constant) Serve(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
	response.SetRendered(c.Rendered)
	return gocore.Answered
}
