//go:build unix

package enginetest

import (
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exhaustDescriptors leaves the process so many file descriptors, until restore
// is called.
func exhaustDescriptors(t *testing.T, left int) (restore func()) {
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before))
	var taken []*os.File
	take := func() error {
		file, err := os.Open(os.DevNull)
		if err == nil {
			taken = append(taken, file)
		}
		return err
	}
	require.NoError(t, take())
	low := before
	low.Cur = uint64(taken[0].Fd()) + 20
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low))
	for take() == nil {
	}
	for range left {
		last := len(taken) - 1
		require.NoError(t, taken[last].Close())
		taken = taken[:last]
	}
	restore = sync.OnceFunc(func() {
		assert.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before))
		for _, file := range taken {
			_ = file.Close()
		}
	})
	t.Cleanup(restore)
	return restore
}

// tell writes to an eventfd.
func tell(eventfd int) {
	_, _ = syscall.Write(eventfd, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // it is open while the engine runs
}
