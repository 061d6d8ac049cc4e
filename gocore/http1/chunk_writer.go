package http1

import "strconv"

// A body of unknown length is sent in chunks (RFC 9112, section 7.1): for each
// piece AppendChunkHeader, the piece, ChunkEnd; at the end LastChunk. An empty
// piece must be left out: it would end the body.
const (
	// ChunkEnd follows the data of a chunk.
	ChunkEnd = "\r\n"
	// LastChunk ends the body, without trailer fields.
	LastChunk = "0\r\n\r\n"
)

// AppendChunkHeader appends the line that comes before a chunk of size bytes.
func AppendChunkHeader(dst []byte, size int) []byte {
	dst = strconv.AppendUint(dst, uint64(size), 16)
	return append(dst, "\r\n"...)
}

// AppendChunk appends a whole chunk, and nothing where data is empty.
func AppendChunk(dst, data []byte) []byte {
	if len(data) == 0 {
		return dst
	}
	dst = AppendChunkHeader(dst, len(data))
	dst = append(dst, data...)
	return append(dst, ChunkEnd...)
}
