//go:build !unix

package enginetest

import "testing"

// exhaustDescriptors has no limit to set here.
func exhaustDescriptors(t *testing.T, _ int) (restore func()) {
	t.Skip("the system has no limit of file descriptors")
	return nil
}

// tell has nobody to tell: there are no eventfds.
func tell(int) {}
