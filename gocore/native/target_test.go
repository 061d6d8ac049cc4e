package native

import (
	"strconv"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/native/nativetest"
)

func intText(n int) string { return strconv.Itoa(n) }

func TestAddressesThatAreNoFunctionsAreRefused(t *testing.T) {
	e := newEnvironment(t)
	data := new(int64)
	for name, test := range map[string]struct {
		spec  Spec
		field string
	}{
		"NULL":          {Spec{}, "address: is NULL"},
		"small":         {Spec{Address: 8}, "address: has no code at 0x8"},
		"data":          {Spec{Address: uint64(uintptr(unsafe.Pointer(data)))}, "address: has no code"},
		"kernel":        {Spec{Address: 1 << 63}, "address: has no code"},
		"size of NULL":  {Spec{Address: nativetest.Hello, DataSize: 1}, "data_size: is 1, and data is NULL"},
		"other library": {Spec{Address: nativetest.Hello}, ""},
	} {
		_, err := e.New(test.spec, Route{})
		if test.field == "" {
			require.NoError(t, err, name)
			continue
		}
		var wrong *gocore.FieldError
		require.ErrorAs(t, err, &wrong, name)
		assert.Contains(t, err.Error(), test.field, name)
	}
}
