package native

/*
#include "frame.h"
*/
import "C"

import (
	"slices"
	"sync/atomic"

	"fastgo/gocore"
)

// heads are the heads of a handler's answers that differ by status and content type
// alone: made once, copied afterwards. The zero value has none. Safe for concurrent use.
type heads struct {
	known atomic.Pointer[[]knownHead]
}

type knownHead struct {
	status      gocore.Status
	contentType string
	head        *gocore.Head
}

// plainHead is the head of most answers: those of handlers that set no content type.
var plainHead = func() *gocore.Head {
	header := gocore.Header{}
	header.Borrow([]byte("Content-Type: " + C.FASTGO_PLAIN_TEXT + "\r\n"))
	head, err := gocore.RenderHead(gocore.StatusOK, header)
	if err != nil {
		panic(err) // all of it is a constant
	}
	return head
}()

// mostHeads bounds what is searched, and kept for handlers that make up content types.
const mostHeads = 8

// find returns the head, nil where there cannot be one.
func (h *heads) find(status gocore.Status, contentType string) *gocore.Head {
	known := h.known.Load()
	if known == nil {
		return h.add(nil, status, contentType)
	}
	for i := range *known {
		if each := &(*known)[i]; each.status == status && each.contentType == contentType {
			return each.head
		}
	}
	return h.add(*known, status, contentType)
}

func (h *heads) add(known []knownHead, status gocore.Status, contentType string) *gocore.Head {
	if len(known) == mostHeads || !status.AllowsContent() {
		return nil
	}
	contentType = string([]byte(contentType)) // it was C's
	var header gocore.Header
	if err := header.Add("Content-Type", contentType); err != nil {
		return nil
	}
	head, err := gocore.RenderHead(status, header)
	if err != nil {
		return nil
	}
	more := append(slices.Clip(known), knownHead{status, contentType, head})
	h.known.Store(&more) // what another thread adds just now is added again later
	return head
}

// setHead sets status and fields of the response to what the handler has set.
func (h *handler) setHead(c *C.fastgo_response, status gocore.Status, response *gocore.Response) {
	fields := bytesOf(c.fields, c.fields_size)
	if len(fields) == 0 {
		if status == gocore.StatusOK && c.content_type.data == C.fastgo_plain_text {
			response.SetHead(plainHead)
			return
		}
		if head := h.heads.find(status, text(c.content_type)); head != nil {
			response.SetHead(head)
			return
		}
	}
	block := response.Scratch[:0]
	if status.AllowsContent() {
		block = append(block, "Content-Type: "...)
		block = append(block, text(c.content_type)...)
		block = append(block, "\r\n"...)
	}
	block = append(block, fields...)
	response.Scratch = block
	response.Status = status
	response.Header.Borrow(block)
}
