package http1

// Chunked decodes a chunked body (RFC 9112, section 7.1):
//
//	*( chunk-size [ chunk-ext ] CRLF chunk-data CRLF ) 1*"0" [ chunk-ext ] CRLF
//	*( field-line CRLF ) CRLF
//
// It is a state machine over single bytes between the spans of data, so it can
// stop and go on anywhere and keeps nothing but a few numbers: framing is used up
// as it comes and never has to be seen again. Sizes are 1 to 16 digits and below
// 2^63.
//
// Extensions are checked and ignored. A line may hold maxLineExtension bytes of
// them, and a body maxExcess bytes more than it has data, so that a client cannot
// make the server read much to get little.
//
// Trailer fields obey the rules and limits of header fields and are discarded:
// merging them could change how the message was framed, routed or authorised
// (RFC 9110, section 6.5.1).
//
// The zero value is ready for a body; set it to that again for the next one. It
// holds no pointers. A Chunked is not safe for concurrent use.
type Chunked struct {
	state chunkState

	// digits of the size so far, and what is left of the chunk's data.
	digits    uint8
	remaining int64

	// lineExtension counts the bytes of extensions in this line, excess those of
	// the whole body less the bytes of data.
	lineExtension, excess int64

	trailerBytes, trailerCount int
}

const (
	maxLineExtension = 1 << 10
	maxExcess        = 4 << 10
)

// chunkState says what the next byte belongs to.
type chunkState uint8

const (
	inSize chunkState = iota

	// The states of an extension: see extension.go.
	inExtensionStart
	inExtensionName
	afterExtensionName
	inExtensionValueStart
	inExtensionValue
	inExtensionQuote
	inExtensionEscape
	afterExtensionQuote
	afterExtension

	atLineLF
	inData
	atDataCR
	atDataLF
	inTrailerStart
	inTrailerName
	inTrailerValue
	atTrailerLF
	atFinalLF
	chunksDone
)

// Done reports whether the body is complete.
func (c *Chunked) Done() bool { return c.state == chunksDone }

// Next reads on in buf and returns how many of its bytes it used up, the last
// len(data) of which are data of the body. It stops behind each span of data and
// at the end of the body; otherwise it uses up all of buf. The data lies in buf.
func (c *Chunked) Next(limits *Limits, buf []byte) (n int, data []byte, refusal *Error) {
	for n < len(buf) && c.state != chunksDone {
		if c.state == inData {
			size := min(int64(len(buf)-n), c.remaining)
			end := n + int(size)
			if c.remaining -= size; c.remaining == 0 {
				c.state = atDataCR
			}
			c.excess -= size
			return end, buf[n:end:end], nil
		}
		if refusal = c.step(limits, buf[n]); refusal != nil {
			return n, nil, refusal
		}
		n++
	}
	return n, nil, nil
}

// Decode decodes buf[decoded:] in place, moving the data over the framing. It
// uses up all of buf, or all up to the end of the body: then rest is where the
// bytes of the next request begin. The body decoded so far is buf[:body]; where
// it is not complete, the caller cuts buf down to that, puts more bytes behind
// it and calls again with decoded = body.
func (c *Chunked) Decode(limits *Limits, buf []byte, decoded int) (body, rest int, refusal *Error) {
	body, rest = decoded, decoded
	for rest < len(buf) && c.state != chunksDone {
		n, data, refusal := c.Next(limits, buf[rest:])
		if refusal != nil {
			return body, rest + n, refusal
		}
		body += copy(buf[body:], data)
		rest += n
	}
	return body, rest, nil
}

// step takes one byte of framing.
func (c *Chunked) step(limits *Limits, b byte) *Error {
	switch c.state {
	case inSize:
		return c.stepSize(b)
	case atLineLF:
		return c.stepLine(b)
	case atDataCR:
		return c.expect(b, '\r', atDataLF, errChunkEnd)
	case atDataLF:
		return c.expect(b, '\n', inSize, errChunkEnd)
	case inTrailerStart, inTrailerName, inTrailerValue, atTrailerLF, atFinalLF:
		return c.stepTrailer(limits, b)
	}
	return c.stepExtension(b)
}

func (c *Chunked) expect(b, wanted byte, next chunkState, refusal *Error) *Error {
	if b != wanted {
		return refusal
	}
	c.state = next
	return nil
}

func (c *Chunked) stepSize(b byte) *Error {
	const maxDigits = 16
	if classes[b]&classHex == 0 {
		if c.digits == 0 {
			return errChunkSize
		}
		c.lineExtension = 0
		if b == '\r' {
			c.state = atLineLF
			return nil
		}
		if b != ';' && !isBlank(b) {
			return errChunkSize
		}
		c.state = afterExtension
		return c.stepExtension(b)
	}
	if c.digits == maxDigits || c.remaining >= 1<<59 {
		return errChunkSize
	}
	c.digits++
	digit := b - '0'
	if digit > 9 {
		digit = b | 0x20 - 'a' + 10
	}
	c.remaining = c.remaining<<4 | int64(digit)
	return nil
}

// stepLine ends a chunk's line.
func (c *Chunked) stepLine(b byte) *Error {
	if b != '\n' {
		return errChunkLine
	}
	c.digits = 0
	c.state = inData
	if c.remaining == 0 {
		c.state = inTrailerStart
	}
	return nil
}

func (c *Chunked) stepTrailer(limits *Limits, b byte) *Error {
	if c.state == atFinalLF {
		return c.expect(b, '\n', chunksDone, errTrailer)
	}
	if c.state == inTrailerStart && b == '\r' {
		c.state = atFinalLF
		return nil
	}
	if c.trailerBytes++; c.trailerBytes > limits.HeaderBytes {
		return errTrailerTooLarge
	}
	switch c.state {
	case inTrailerStart:
		if c.trailerCount++; c.trailerCount > limits.HeaderCount {
			return errTrailerTooLarge
		}
		if classes[b]&classToken == 0 {
			return errTrailer
		}
		c.state = inTrailerName
	case inTrailerName:
		if b == ':' {
			c.state = inTrailerValue
		} else if classes[b]&classToken == 0 {
			return errTrailer
		}
	case inTrailerValue:
		if b == '\r' {
			c.state = atTrailerLF
		} else if classes[b]&classValue == 0 {
			return errTrailer
		}
	case atTrailerLF:
		return c.expect(b, '\n', inTrailerStart, errTrailer)
	}
	return nil
}
