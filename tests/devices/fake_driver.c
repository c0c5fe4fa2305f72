/* A CUDA driver without a device: it keeps a log of its calls, and memory and parameters are the host's.
   A module's image is text, the sizes of its kernel's parameters: "8 4 4". Device d has context 100 + d. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXTS = 100, DEVICES = 2, INVALID_VALUE = 1, INVALID_DEVICE = 101, INVALID_CONTEXT = 201 };
typedef struct { int context; char sizes[512]; } module;
typedef struct { module *owner; char name[128]; } function;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char history[1 << 20];
static char failing[64];
static int failure, version, pools, owner_of_pointers;
static _Thread_local int stack[64], depth, capture_mode;

void fake_reset(void)
{
    history[0] = failing[0] = 0;
    version = 13000, pools = 1, owner_of_pointers = 1, depth = 0, capture_mode = 0;
}
const char *fake_history(void) { return history; }
int fake_depth(void) { return depth; }
int fake_current(void) { return depth ? stack[depth - 1] : 0; }
void fake_set(int new_version, int new_pools, int new_owner)
{
    version = new_version, pools = new_pools, owner_of_pointers = new_owner;
}
void fake_fail(const char *name, int code) { strcpy(failing, name), failure = code; }

static int noted(const char *name, const char *rest)
{
    char line[4096];
    snprintf(line, sizeof line, "%d %s%s\n", fake_current(), name, rest);
    pthread_mutex_lock(&mutex);
    strncat(history, line, sizeof history - strlen(history) - 1);
    pthread_mutex_unlock(&mutex);
    return strcmp(name, failing) ? 0 : failure;
}
#define NOTE(...) char rest[4096]; snprintf(rest, sizeof rest, __VA_ARGS__); \
                  int result = noted(__func__, rest); if (result) return result
#define NEED_CONTEXT if (!depth) return INVALID_CONTEXT

int cuDriverGetVersion(int *number)
{
    *number = version;
    return strcmp(failing, "cuDriverGetVersion") ? 0 : failure;
}
int cuInit(unsigned flags) { NOTE(" %u", flags); return 0; }
int cuGetErrorName(int code, const char **text) { *text = code == 999 ? NULL : "CUDA_ERROR_FAKED"; return 0; }
int cuGetErrorString(int code, const char **text) { *text = code == 999 ? NULL : "as the test asked"; return 0; }
int cuDeviceGet(int *device, int ordinal)
{
    NOTE(" %d", ordinal);
    if (ordinal < 0 || ordinal >= DEVICES) return INVALID_DEVICE;
    *device = ordinal;
    return 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    switch (attribute) {
    case 16: *value = 132 + device; return 0;
    case 39: *value = 2048 - 512 * device; return 0;
    case 75: *value = 9 - device; return 0;
    case 76: *value = device ? 6 : 0; return 0;
    case 115: *value = pools; return 0;
    }
    return INVALID_VALUE;
}
int cuDevicePrimaryCtxRetain(void **context, int device)
{
    NOTE(" %d", device);
    *context = (void *)(uintptr_t)(CONTEXTS + device);
    return 0;
}
int cuCtxPushCurrent_v2(void *context)
{
    NOTE(" %d", (int)(uintptr_t)context);
    stack[depth++] = (int)(uintptr_t)context;
    return 0;
}
int cuCtxPopCurrent_v2(void **context)
{
    NOTE("%s", "");
    NEED_CONTEXT;
    *context = (void *)(uintptr_t)stack[--depth];
    return 0;
}
int cuThreadExchangeStreamCaptureMode(int *mode)
{
    int before = capture_mode;
    NOTE(" %d", *mode);
    capture_mode = *mode, *mode = before;
    return 0;
}
int cuModuleLoadData(void **handle, const char *image)
{
    NOTE(" mode=%d", capture_mode);
    NEED_CONTEXT;
    module *loaded = calloc(1, sizeof *loaded);
    loaded->context = fake_current();
    strcpy(loaded->sizes, image);
    *handle = loaded;
    return 0;
}
int cuModuleGetFunction(void **handle, module *owner, const char *name)
{
    NOTE(" %s", name);
    function *found = calloc(1, sizeof *found);
    found->owner = owner;
    strcpy(found->name, name);
    *handle = found;
    return 0;
}
int cuLaunchKernel(function *kernel, unsigned x, unsigned y, unsigned z, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, void *stream, unsigned char **parameters, void **extra)
{
    char bytes[2048] = "", *at = bytes, *size = kernel->owner->sizes;
    for (int k = 0; *size; k++) {
        long count = strtol(size, &size, 10);
        for (int i = 0; i < count; i++) at += sprintf(at, "%02x", parameters[k][i]);
        *at++ = ',', *at = 0;
    }
    NOTE(" %s grid=%u,%u,%u block=%u,%u,%u shared=%u stream=%#lx extra=%p bytes=%s", kernel->name, x, y, z, bx, by, bz,
         shared, (unsigned long)(uintptr_t)stream, (void *)extra, bytes);
    return fake_current() == kernel->owner->context ? 0 : INVALID_CONTEXT;
}
int cuMemAllocAsync(uint64_t *address, size_t size, void *stream)
{
    NOTE(" %zu stream=%#lx", size, (unsigned long)(uintptr_t)stream);
    NEED_CONTEXT;
    *address = (uint64_t)(uintptr_t)aligned_alloc(256, (size + 255) / 256 * 256);
    return 0;
}
int cuMemFreeAsync(uint64_t address, void *stream)
{
    NOTE(" stream=%#lx", (unsigned long)(uintptr_t)stream);
    NEED_CONTEXT;
    free((void *)(uintptr_t)address);
    return 0;
}
int cuMemAlloc_v2(uint64_t *address, size_t size)
{
    NOTE(" %zu", size);
    NEED_CONTEXT;
    *address = (uint64_t)(uintptr_t)aligned_alloc(256, (size + 255) / 256 * 256);
    return 0;
}
int cuMemFree_v2(uint64_t address)
{
    NOTE("%s", "");
    NEED_CONTEXT;
    free((void *)(uintptr_t)address);
    return 0;
}
int cuPointerGetAttribute(void *value, int attribute, uint64_t pointer)
{
    NOTE(" %d %#lx", attribute, (unsigned long)pointer);
    if (owner_of_pointers == -1) return INVALID_VALUE;
    *(int *)value = owner_of_pointers;
    return 0;
}
