package gocore

import (
	"slices"
	"sync/atomic"
)

// Heads are the heads of a handler's answers that differ by status and content type
// alone: made once, copied afterwards. The zero value has none. Safe for concurrent use.
type Heads struct {
	known atomic.Pointer[[]knownHead]
}

type knownHead struct {
	status      Status
	contentType string
	head        *Head
}

// mostHeads bounds what is searched, and kept for handlers that make up content types.
const mostHeads = 8

// Set sets status and fields of a response: a Content-Type, where it is not empty, and
// other field lines. They must be valid, and are borrowed only until Set returns.
func (h *Heads) Set(response *Response, status Status, contentType string, fields []byte) {
	if len(fields) == 0 && contentType != "" {
		if head := h.find(status, contentType); head != nil {
			response.SetHead(head)
			return
		}
	}
	block := response.Scratch[:0]
	if contentType != "" && status.AllowsContent() {
		block = append(block, "Content-Type: "...)
		block = append(block, contentType...)
		block = append(block, "\r\n"...)
	}
	block = append(block, fields...)
	response.Scratch = block
	response.Status = status
	response.Header.Borrow(block)
}

// find returns the head, nil where there cannot be one.
func (h *Heads) find(status Status, contentType string) *Head {
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

func (h *Heads) add(known []knownHead, status Status, contentType string) *Head {
	if len(known) == mostHeads || !status.AllowsContent() {
		return nil
	}
	contentType = string([]byte(contentType)) // it was lent
	var header Header
	if err := header.Add("Content-Type", contentType); err != nil {
		return nil
	}
	head, err := RenderHead(status, header)
	if err != nil {
		return nil
	}
	more := append(slices.Clip(known), knownHead{status, contentType, head})
	h.known.Store(&more) // what another thread adds just now is added again later
	return head
}
