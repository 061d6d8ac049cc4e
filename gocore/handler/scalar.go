package handler

import (
	"encoding/binary"
	"math"
	"strconv"
)

// scalar is a type of numbers that compiled functions take and return. A value of one
// is a word of 64 bits: whole numbers as int64 or, of unsigned types, uint64; floats as
// the bits of float64; true as 1.
type scalar struct {
	name string
	kind scalarKind
	bits int
}

type scalarKind uint8

const (
	boolean scalarKind = iota
	signed
	unsigned
	float
)

var scalars = func() map[string]*scalar {
	table := map[string]*scalar{"bool": {"bool", boolean, 8}}
	for bits := 8; bits <= 64; bits *= 2 {
		size := strconv.Itoa(bits)
		table["int"+size] = &scalar{"int" + size, signed, bits}
		table["uint"+size] = &scalar{"uint" + size, unsigned, bits}
		if bits >= 32 {
			table["float"+size] = &scalar{"float" + size, float, bits}
		}
	}
	return table
}()

// scalarNames has the names for messages.
const scalarNames = "bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64"

// bytes returns the size of an element of an array.
func (s *scalar) bytes() int { return s.bits / 8 }

// parse returns the word of a value that came as text, and false where it is none of
// the type. It takes what JSON has, and 0 and 1 for false and true.
func (s *scalar) parse(text []byte) (word int64, ok bool) {
	switch s.kind {
	case boolean:
		switch string(text) {
		case "true", "1":
			return 1, true
		case "false", "0":
			return 0, true
		}
		return 0, false
	case signed:
		return parseWhole(text, 1<<(s.bits-1)-1, 1<<(s.bits-1))
	case unsigned:
		return parseWhole(text, 1<<s.bits-1, 0)
	default:
		return parseFloat(text, s.bits)
	}
}

// parseWhole reads a decimal number from -lowest to highest.
func parseWhole(text []byte, highest, lowest uint64) (word int64, ok bool) {
	digits, most := text, highest
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		digits, most = text[1:], lowest
	}
	var sum uint64
	for _, c := range digits {
		digit := uint64(c) - '0'
		if digit > 9 || digit > most || sum > (most-digit)/10 {
			return 0, false
		}
		sum = 10*sum + digit
	}
	if negative {
		sum = -sum
	}
	return int64(sum), len(digits) > 0
}

// longestFloat is more than any number needs, and bounds what is parsed.
const longestFloat = 400

// parseFloat reads a finite number: no hexadecimal, no "inf", no spaces.
func parseFloat(text []byte, bits int) (word int64, ok bool) {
	if len(text) > longestFloat {
		return 0, false
	}
	for _, c := range text {
		if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	value, err := strconv.ParseFloat(string(text), bits) // an error where it is too large
	return int64(math.Float64bits(value)), err == nil
}

// describe says which values the type has.
func (s *scalar) describe() string {
	switch s.kind {
	case boolean:
		return "bool, true or false"
	case signed:
		return s.name + ", a whole number from " + strconv.FormatInt(-1<<(s.bits-1), 10) +
			" to " + strconv.FormatInt(1<<(s.bits-1)-1, 10)
	case unsigned:
		return s.name + ", a whole number from 0 to " + strconv.FormatUint(1<<s.bits-1, 10)
	default:
		return s.name + ", a finite number"
	}
}

// append writes the value of a word as Python does or, where JSON writes it otherwise,
// as JSON: null stands for what is not finite.
func (s *scalar) append(dst []byte, word int64, inJSON bool) []byte {
	switch s.kind {
	case boolean:
		return append(dst, truths[word&1][truthForm(inJSON)]...)
	case signed:
		return strconv.AppendInt(dst, word, 10)
	case unsigned:
		return strconv.AppendUint(dst, uint64(word), 10)
	default:
		return appendFloat(dst, math.Float64frombits(uint64(word)), s.bits, inJSON)
	}
}

var truths = [2][2]string{{"False", "false"}, {"True", "true"}}

func truthForm(inJSON bool) int {
	if inJSON {
		return 1
	}
	return 0
}

// appendFloat writes the shortest number that is read back as the same, and with a
// point or an exponent, so that it is read back as a float.
func appendFloat(dst []byte, value float64, bits int, inJSON bool) []byte {
	size := math.Abs(value)
	switch {
	case inJSON && (math.IsNaN(value) || math.IsInf(value, 0)):
		return append(dst, "null"...)
	case math.IsNaN(value):
		return append(dst, "nan"...)
	case math.IsInf(value, 1):
		return append(dst, "inf"...)
	case math.IsInf(value, -1):
		return append(dst, "-inf"...)
	case size != 0 && (size < 1e-4 || size >= 1e16):
		return strconv.AppendFloat(dst, value, 'e', -1, bits)
	}
	begin := len(dst)
	dst = strconv.AppendFloat(dst, value, 'f', -1, bits)
	for _, c := range dst[begin:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

// load returns the word of element i of an array.
func (s *scalar) load(memory []byte, i int) int64 {
	at := memory[i*s.bytes():]
	var word uint64
	switch s.bits {
	case 8:
		word = uint64(at[0])
	case 16:
		word = uint64(binary.NativeEndian.Uint16(at))
	case 32:
		word = uint64(binary.NativeEndian.Uint32(at))
	default:
		word = binary.NativeEndian.Uint64(at)
	}
	switch {
	case s.kind == float && s.bits == 32:
		return int64(math.Float64bits(float64(math.Float32frombits(uint32(word)))))
	case s.kind == signed:
		unused := 64 - s.bits
		return int64(word) << unused >> unused
	}
	return int64(word)
}
