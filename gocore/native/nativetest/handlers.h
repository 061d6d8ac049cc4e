#include "fastgo.h"

int nativetest_hello(const fastgo_request *, fastgo_response *, void *);
int nativetest_show(const fastgo_request *, fastgo_response *, void *);
int nativetest_numbers(const fastgo_request *, fastgo_response *, void *);
int nativetest_sum(const fastgo_request *, fastgo_response *, void *);
int nativetest_lend(const fastgo_request *, fastgo_response *, void *);
int nativetest_waiting(void);
void nativetest_release(int number);
int nativetest_wait(const fastgo_request *, fastgo_response *, void *);
int nativetest_do(const fastgo_request *, fastgo_response *, void *);

int32_t nativetest_repeat(int64_t *words, double *floats);
