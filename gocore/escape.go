package gocore

// Unescape returns the byte that text begins with in its percent-encoded form (RFC
// 3986, section 2.1), and false where it begins with no such escape. An escape has
// three bytes.
func Unescape[T ~string | ~[]byte](text T) (c byte, ok bool) {
	if len(text) < 3 || text[0] != '%' {
		return 0, false
	}
	high, low := hexValue[text[1]], hexValue[text[2]]
	return high<<4 | low, high != noHex && low != noHex
}

// hexValue has the values of hexadecimal digits, and noHex for other bytes.
var hexValue = func() (table [256]byte) {
	for c := range table {
		table[c] = noHex
	}
	for value := range byte(16) {
		table["0123456789abcdef"[value]] = value
		table["0123456789ABCDEF"[value]] = value
	}
	return table
}()

const noHex = 0xff
