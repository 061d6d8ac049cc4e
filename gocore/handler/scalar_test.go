package handler

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func bitsOf(value float64) int64 { return int64(math.Float64bits(value)) }

func TestScalarsAreParsed(t *testing.T) {
	for _, test := range []struct {
		scalar, text string
		want         int64
	}{
		{"int8", "127", 127}, {"int8", "-128", -128}, {"int64", "-9223372036854775808", math.MinInt64},
		{"int64", "9223372036854775807", math.MaxInt64}, {"int64", "007", 7}, {"int32", "-0", 0},
		{"uint8", "255", 255}, {"uint64", "18446744073709551615", -1}, {"uint16", "-0", 0},
		{"bool", "true", 1}, {"bool", "0", 0}, {"bool", "1", 1}, {"bool", "false", 0},
		{"float64", "1", bitsOf(1)}, {"float64", "-1.5e3", bitsOf(-1500)}, {"float64", "-0", bitsOf(math.Copysign(0, -1))},
		{"float64", "1e-400", bitsOf(0)}, {"float32", "0.1", bitsOf(float64(float32(0.1)))}, {"float64", "+.5", bitsOf(.5)},
	} {
		word, ok := scalars[test.scalar].parse([]byte(test.text))
		assert.True(t, ok, "%s %q", test.scalar, test.text)
		assert.Equal(t, test.want, word, "%s %q", test.scalar, test.text)
	}
}

func TestScalarsRefuseOtherValues(t *testing.T) {
	for scalar, texts := range map[string][]string{
		"int8":    {"", "-", "128", "-129", "+1", "1.0", "0x1", " 1", "1_0", "a", "99999999999999999999999999"},
		"int64":   {"9223372036854775808", "-9223372036854775809", "--1"},
		"uint8":   {"256", "-1", "1e2"},
		"uint64":  {"18446744073709551616"},
		"bool":    {"", "True", "2", "yes"},
		"float64": {"", "nan", "inf", "-Infinity", "1e309", "0x1p3", "1_0", "1 ", "e", ".", strings.Repeat("1", 401)},
		"float32": {"1e39"},
	} {
		for _, text := range texts {
			_, ok := scalars[scalar].parse([]byte(text))
			assert.False(t, ok, "%s %q", scalar, text)
		}
	}
}

func TestScalarsAreWrittenAsPythonDoesOrAsJSON(t *testing.T) {
	for _, test := range []struct {
		scalar     string
		word       int64
		text, json string
	}{
		{"int8", -7, "-7", "-7"}, {"uint64", -1, "18446744073709551615", "18446744073709551615"},
		{"bool", 1, "True", "true"}, {"bool", 0, "False", "false"},
		{"float64", bitsOf(1), "1.0", "1.0"}, {"float64", bitsOf(0.1), "0.1", "0.1"},
		{"float64", bitsOf(1e16), "1e+16", "1e+16"}, {"float64", bitsOf(123456789012345680), "1.2345678901234568e+17", "1.2345678901234568e+17"},
		{"float64", bitsOf(9999999999999998), "9999999999999998.0", "9999999999999998.0"},
		{"float64", bitsOf(0.0001), "0.0001", "0.0001"}, {"float64", bitsOf(0.00001), "1e-05", "1e-05"},
		{"float64", bitsOf(math.Copysign(0, -1)), "-0.0", "-0.0"},
		{"float32", bitsOf(float64(float32(0.1))), "0.1", "0.1"},
		{"float64", bitsOf(math.NaN()), "nan", "null"},
		{"float64", bitsOf(math.Inf(1)), "inf", "null"}, {"float64", bitsOf(math.Inf(-1)), "-inf", "null"},
	} {
		assert.Equal(t, test.text, string(scalars[test.scalar].append(nil, test.word, false)))
		assert.Equal(t, test.json, string(scalars[test.scalar].append(nil, test.word, true)))
	}
}

func TestElementsAreLoaded(t *testing.T) {
	memory := []byte{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	for name, want := range map[string]int64{
		"bool": 255, "int8": -1, "int16": -1, "int32": -1, "int64": -1,
		"uint8": 255, "uint16": 65535, "uint32": 1<<32 - 1, "uint64": -1,
	} {
		scalar := scalars[name]
		assert.Equal(t, want, scalar.load(memory, 8/scalar.bytes()), name)
		assert.Zero(t, scalar.load(memory, 0), name)
	}
	memory = []byte{0, 0, 0, 0}
	word := math.Float32bits(1.5)
	for i := range memory {
		memory[i] = byte(word >> (8 * i)) // little-endian, as all platforms here
	}
	assert.Equal(t, bitsOf(1.5), scalars["float32"].load(memory, 0))
}

// FuzzFloat: what is written is read back as the same, here and by JSON.
func FuzzFloat(f *testing.F) {
	f.Add(0.1)
	f.Fuzz(func(t *testing.T, value float64) {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return
		}
		text := scalars["float64"].append(nil, bitsOf(value), true)
		require.True(t, json.Valid(text), "%s", text)
		word, ok := scalars["float64"].parse(text)
		require.True(t, ok)
		require.Equal(t, bitsOf(value), word, strconv.FormatFloat(value, 'g', -1, 64))
	})
}
