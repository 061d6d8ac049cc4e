package http1

// An authority as HTTP allows it (RFC 9110, sections 4.2 and 7.2; RFC 3986,
// section 3.2), without user information:
//
//	host [ ":" [ port ] ]    host = "[" IPv6 "]" / "[v" hex "." ... "]" / reg-name
//
// An IPv4 address is a reg-name as far as its bytes go. A port above 65535 names
// nothing and is refused. An empty authority is valid in a Host field: it says
// that the target has none, and a default applies (RFC 9112, section 3.3). A port
// without a host is not: such a URI must be refused (RFC 9110, section 4.2.1).

// ValidAuthority reports whether text is an authority or empty.
func ValidAuthority(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	end := 0
	if text[0] == '[' {
		end = literalEnd(text)
	} else {
		end = regNameEnd(text)
	}
	if end <= 0 {
		return false
	}
	return end == len(text) || text[end] == ':' && validPort(text[end+1:], 0)
}

// regNameEnd returns where the reg-name that text begins with ends.
func regNameEnd(text []byte) int {
	end := classEnd(text, 0, classRegName)
	for end < len(text) && text[end] == '%' {
		if len(text)-end < 3 || !all(text[end+1:end+3], classHex) {
			return -1
		}
		end = classEnd(text, end+3, classRegName)
	}
	return end
}

// literalEnd returns where the IP literal that text begins with ends, behind its
// bracket, or -1.
func literalEnd(text []byte) int {
	end := classEnd(text, 1, classRegName|classHex)
	for end < len(text) && text[end] == ':' {
		end = classEnd(text, end+1, classRegName|classHex)
	}
	if end == len(text) || text[end] != ']' {
		return -1
	}
	if address := text[1:end]; !validIPv6(address) && !validIPvFuture(address) {
		return -1
	}
	return end + 1
}

// validIPvFuture follows "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ).
// The bytes behind the point have been checked by literalEnd.
func validIPvFuture(address []byte) bool {
	if len(address) == 0 || address[0]|0x20 != 'v' {
		return false
	}
	point := classEnd(address, 1, classHex)
	return point > 1 && point < len(address)-1 && address[point] == '.'
}

// validIPv6 follows RFC 3986, section 3.2.2: eight groups of 1 to 4 hexadecimal
// digits, of which one run of one or more may be left out as "::", and the last
// two may be an IPv4 address.
func validIPv6(address []byte) bool {
	groups, elided := 0, false
	rest := address
	if len(rest) >= 2 && rest[0] == ':' && rest[1] == ':' {
		elided, rest = true, rest[2:]
	}
	for len(rest) > 0 {
		end := classEnd(rest, 0, classHex)
		if end < len(rest) && rest[end] == '.' {
			return validIPv4(rest) && complete(groups+2, elided)
		}
		if end == 0 || end > 4 {
			return false
		}
		groups++
		rest = rest[end:]
		if len(rest) == 0 {
			break
		}
		if rest[0] != ':' || len(rest) == 1 {
			return false
		}
		rest = rest[1:]
		if rest[0] == ':' {
			if elided {
				return false
			}
			elided, rest = true, rest[1:]
		}
	}
	return complete(groups, elided)
}

func complete(groups int, elided bool) bool {
	if elided {
		return groups < 8
	}
	return groups == 8
}

// validIPv4 reports whether text is four decimal numbers up to 255, without
// leading zeros.
func validIPv4(text []byte) bool {
	for part := range 4 {
		end, number := 0, 0
		for end < len(text) && end < 3 && classes[text[end]]&classDigit != 0 {
			number = 10*number + int(text[end]-'0')
			end++
		}
		if end == 0 || number > 255 || end > 1 && text[0] == '0' {
			return false
		}
		text = text[end:]
		if part < 3 {
			if len(text) == 0 || text[0] != '.' {
				return false
			}
			text = text[1:]
		}
	}
	return len(text) == 0
}

// validPort reports whether text is a decimal number from least to 65535. An
// empty port counts as 0.
func validPort(text []byte, least int) bool {
	port := 0
	for _, c := range text {
		if classes[c]&classDigit == 0 {
			return false
		}
		if port = 10*port + int(c-'0'); port > 65535 {
			return false
		}
	}
	return port >= least
}
