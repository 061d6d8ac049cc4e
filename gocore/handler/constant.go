package handler

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"fastgo/gocore"
)

// ConstantSpec describes an answer that is the same for every request. Its content
// is a text, or bytes as base64, or nothing.
type ConstantSpec struct {
	Status  gocore.Status `json:"status"`
	Headers Fields        `json:"headers"`
	Text    *string       `json:"text"`
	Base64  *string       `json:"base64"`
}

// NewConstant returns a handler whose answer is rendered here, whole. Status 0
// means 200. An answer 200 with content has an ETag, computed here if no field
// brings one, and a client that names it in If-None-Match is told 304.
func NewConstant(spec ConstantSpec, _ []gocore.Param) (gocore.Handler, error) {
	header, err := spec.Headers.header()
	if err != nil {
		return nil, err
	}
	body, err := spec.content()
	if err != nil {
		return nil, err
	}
	if spec.Status == 0 {
		spec.Status = gocore.StatusOK
	}
	if spec.Status == gocore.StatusOK && len(body) > 0 && header.Get(etagName) == nil {
		if err := header.Add(etagName, entityTag(&header, body)); err != nil {
			return nil, err
		}
	}
	rendered, err := gocore.Render(spec.Status, header, body)
	if err != nil {
		return nil, fieldError("status", err.Error())
	}
	tag := header.Get(etagName)
	if spec.Status != gocore.StatusOK || tag == nil {
		return Constant{rendered}, nil
	}
	notModified, err := renderNotModified(&header)
	if err != nil {
		return nil, err
	}
	opaque, _, _ := cutEntityTag(tag)
	return &taggedConstant{rendered, notModified, opaque}, nil
}

// content returns the body that the spec describes.
func (s *ConstantSpec) content() ([]byte, error) {
	switch {
	case s.Text != nil && s.Base64 != nil:
		return nil, fieldError("base64", `is there beside "text"; remove one of the two`)
	case s.Text != nil:
		return []byte(*s.Text), checkText("text", *s.Text)
	case s.Base64 != nil:
		return decodeBase64(*s.Base64)
	}
	return nil, nil
}

// checkText accepts what a text can be.
func checkText(field, text string) error {
	if !utf8.ValidString(text) {
		return fieldError(field, "is not valid UTF-8")
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return fieldError(field, fmt.Sprintf("has a NUL character at byte %d; remove it", i))
	}
	return nil
}

// decodeBase64 accepts the one form that bytes have (RFC 4648, section 4).
func decodeBase64(text string) ([]byte, error) {
	at := int64(strings.IndexAny(text, "\r\n")) // which package base64 passes over
	if at < 0 {
		body, err := base64.StdEncoding.Strict().DecodeString(text)
		if err == nil {
			return body, nil
		}
		if corrupt, ok := errors.AsType[base64.CorruptInputError](err); ok {
			at = int64(corrupt)
		}
	}
	return nil, fieldError("base64", fmt.Sprintf("is not base64 at byte %d; "+
		"write the standard alphabet with padding, without line breaks (RFC 4648, section 4)", at))
}

// renderNotModified makes the answer 304 to a request that would get a 200 with
// this header: the fields that caches need are in both (RFC 9110, section 15.4.5).
func renderNotModified(header *gocore.Header) (*gocore.Rendered, error) {
	var kept gocore.Header
	for name, value := range header.All() {
		switch strings.ToLower(string(name)) {
		case "etag", "cache-control", "content-location", "expires", "vary":
			if err := kept.Add(string(name), string(value)); err != nil {
				return nil, err
			}
		}
	}
	return gocore.Render(gocore.StatusNotModified, kept, nil)
}

// taggedConstant answers with the same rendered block, unless the client has it.
type taggedConstant struct {
	rendered, notModified *gocore.Rendered
	opaque                []byte
}

// Serve answers with one of the blocks.
func (c *taggedConstant) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	if request.Conditional && c.has(request) {
		response.SetRendered(c.notModified)
	} else {
		response.SetRendered(c.rendered)
	}
	return gocore.Answered
}

// has reports whether the client has the representation that it asks for.
func (c *taggedConstant) has(request *gocore.Request) bool {
	return (request.Method == gocore.MethodGet || request.Method == gocore.MethodHead) &&
		noneMatchFails(&request.Header, c.opaque)
}
