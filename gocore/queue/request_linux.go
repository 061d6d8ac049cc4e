package queue

import (
	"unsafe"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
)

// sizeOf returns how many bytes fill writes.
func (h *handler) sizeOf(request *gocore.Request) int {
	size := len(request.MethodName) + len(request.Path) + len(request.Query) + len(request.Header.Block()) + len(request.Body)
	for i := range h.params {
		size += len(h.params[i]) + len(request.Params.Value(i))
	}
	return size
}

// fill writes a request into its slot, or into the slab where it has one. The body comes
// last, as it alone may be larger than an offset.
func (e *entry) fill(h *handler, request *gocore.Request, size int) {
	slot := e.slot
	into := writer{into: slot.RequestBytes[:]}
	if e.slab != nil {
		into.into = e.slab
	}
	slot.Request = layout.Text{Address: addressOf(unsafe.SliceData(into.into)), Size: uint64(size)}
	slot.Handler, slot.Left = h.number, 0
	slot.Method = into.put(request.MethodName)
	slot.Path = into.put(request.Path)
	slot.Query = into.put(request.Query)
	slot.Header = into.put(request.Header.Block())
	for i := range h.params {
		slot.Params[i] = layout.Param{Name: into.put(h.params[i]), Value: into.put(request.Params.Value(i))}
	}
	slot.ParamCount = uint32(len(h.params))
	slot.BodyOffset, slot.BodySize = uint32(into.at), uint64(len(request.Body))
	copy(into.into[into.at:], request.Body)
	slot.HasPeer, slot.PeerPort = 0, request.Peer.Port()
	if request.Peer.IsValid() {
		slot.HasPeer, slot.PeerAddress = 1, request.Peer.Addr().As16()
	}
}

// writer puts texts one behind the other.
type writer struct {
	into []byte
	at   int
}

func (w *writer) put(text []byte) layout.Span {
	begin := w.at
	w.at += copy(w.into[begin:], text)
	return layout.Span{Offset: uint32(begin), Size: uint32(len(text))}
}
