// Package handler has the kinds of handler that a route document can name.
//
// Each kind is built from a spec, the part of the document that describes it,
// and built once, when routes are compiled: what can be worked out then is not
// worked out again for a request. A constructor's error names the field of the
// spec that is wrong.
package handler

import "fastgo/gocore"

// fieldError says which field of a spec is wrong, and why.
func fieldError(field, reason string) error {
	return &gocore.FieldError{Field: field, Reason: reason}
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
