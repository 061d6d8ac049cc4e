package http1

// Chunk extensions (RFC 9112, section 7.1.1) mean nothing to this server, but a
// line that is not checked could end for one reader where it goes on for another:
//
//	chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
//
//	state                  blank               ;      =           "      CR    tchar
//	afterExtension         same                start  -           -      -     -
//	inExtensionStart       same                -      -           -      -     name
//	inExtensionName        afterExtensionName  start  valueStart  -      end   same
//	afterExtensionName     same                start  valueStart  -      -     -
//	inExtensionValueStart  same                -      -           quote  -     value
//	inExtensionValue       afterExtension      start  -           -      end   same
//	inExtensionQuote       any byte of a field value; " leaves it, \ escapes one
//	afterExtensionQuote    afterExtension      start  -           -      end   -

// stepExtension takes one byte of an extension, or the byte that ends it.
func (c *Chunked) stepExtension(b byte) *Error {
	if b != '\r' {
		c.lineExtension++
		c.excess++
		if c.lineExtension > maxLineExtension || c.excess > maxExcess {
			return errTooMuchExtension
		}
	}
	next, ok := nextExtensionState(c.state, b)
	if !ok {
		return errChunkExtension
	}
	c.state = next
	return nil
}

func nextExtensionState(state chunkState, b byte) (next chunkState, ok bool) {
	switch state {
	case inExtensionQuote:
		switch b {
		case '"':
			return afterExtensionQuote, true
		case '\\':
			return inExtensionEscape, true
		}
		return state, classes[b]&classValue != 0
	case inExtensionEscape:
		return inExtensionQuote, classes[b]&classValue != 0
	}
	switch {
	case isBlank(b):
		return stateAfterBlank(state), true
	case classes[b]&classToken != 0:
		switch state {
		case inExtensionStart, inExtensionName:
			return inExtensionName, true
		case inExtensionValueStart, inExtensionValue:
			return inExtensionValue, true
		}
	case b == ';':
		return inExtensionStart, state != inExtensionStart && state != inExtensionValueStart
	case b == '=':
		return inExtensionValueStart, state == inExtensionName || state == afterExtensionName
	case b == '"':
		return inExtensionQuote, state == inExtensionValueStart
	case b == '\r':
		return atLineLF, state == inExtensionName || state == inExtensionValue || state == afterExtensionQuote
	}
	return state, false
}

func stateAfterBlank(state chunkState) chunkState {
	switch state {
	case inExtensionName:
		return afterExtensionName
	case inExtensionValue, afterExtensionQuote:
		return afterExtension
	}
	return state
}
