package native

/*
#include "frame.h"
*/
import "C"

import "fastgo/gocore"

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

// setHead sets status and fields of the response to what the handler has set.
func (h *handler) setHead(c *C.fastgo_response, status gocore.Status, response *gocore.Response) {
	if c.fields_size == 0 && status == gocore.StatusOK && c.content_type.data == C.fastgo_plain_text {
		response.SetHead(plainHead)
		return
	}
	h.heads.Set(response, status, text(c.content_type), bytesOf(c.fields, c.fields_size))
}
