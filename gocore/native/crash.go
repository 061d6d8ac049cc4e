package native

/*
#include "frame.h"
*/
import "C"

import (
	"fmt"
	"sync"
	"syscall"
)

// ReportCrashes has the process say, before it dies of a crash in a native handler,
// which route that was and where it happened. It is for the whole process and for good.
var ReportCrashes = sync.OnceValue(func() error {
	if errno := C.fastgo_report_crashes(); errno != 0 {
		return fmt.Errorf("cannot report crashes: %w", syscall.Errno(errno))
	}
	return nil
})
