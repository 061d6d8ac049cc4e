/* The table of the functions of fastgo.h. */
#include "functions.h"

const fastgo_functions fastgo_function_table = {
    .abi = FASTGO_ABI,
    .size = sizeof(fastgo_functions),
    .alloc = fastgo_request_alloc,
    .param = fastgo_request_param,
    .param_int64 = fastgo_request_param_int64,
    .param_double = fastgo_request_param_double,
    .param_at = fastgo_request_param_at,
    .param_int64_at = fastgo_request_param_int64_at,
    .param_double_at = fastgo_request_param_double_at,
    .query = fastgo_request_query,
    .query_int64 = fastgo_request_query_int64,
    .query_double = fastgo_request_query_double,
    .header = fastgo_request_header,
    .content_type = fastgo_response_content_type,
    .add_header = fastgo_response_add_header,
    .write = fastgo_response_write,
    .write_static = fastgo_response_write_static,
    .vprintf = fastgo_response_vprintf,
    .reserve = fastgo_response_reserve,
    .commit = fastgo_response_commit,
    .fail = fastgo_response_fail,
};
