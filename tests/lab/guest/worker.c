/* The only program that works inside a lab guest.
 *
 * It does work whose loss an outside observer can prove:
 *  - a counter that lives in RAM only, sent as UDP heartbeats: if two copies of
 *    the guest ever run, or an old copy runs again, a number is seen twice;
 *  - numbered 4 KiB blocks, each synced before its number is acknowledged in the
 *    next heartbeat: an acknowledged number that is not on the disk is lost data;
 *  - a memory dirtier that checks each page before it overwrites it, so that a
 *    migration that loses stores shows up as ram_errors.
 *
 * Options come from the kernel command line (vmfl.*) and can be changed by UDP
 * text commands "TOKEN verb arguments", answered with "TOKEN ok ..." or
 * "TOKEN error ...". A token is obeyed once, so a sender may repeat itself.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    k_block_size = 4096,
    k_ring_slots = 1024, /* blocks 1..1024 of each disk; block 0 is never touched */
    k_disks_max = 8,
    k_command_port = 7002,
};

/* Both records are little-endian and mirrored in labkit/heartbeat.py and labkit/disks.py. */
struct __attribute__((packed)) HeartbeatDisk {
    char name[8];
    uint64_t acked;
    uint32_t errors;
    uint32_t last_errno;
};

struct __attribute__((packed)) Heartbeat {
    char magic[8];
    uint64_t nonce;
    uint64_t sequence;
    uint64_t monotonic_ns;
    uint32_t interval_us;
    uint32_t ram_errors;
    uint64_t pages_dirtied;
    char guest[24];
    uint32_t disk_count;
    struct HeartbeatDisk disks[k_disks_max];
};

struct __attribute__((packed)) Block {
    char magic[8];
    uint64_t sequence;
    uint64_t nonce;
    uint64_t monotonic_ns;
    char disk[8];
    uint32_t crc; /* of the whole block with this field zero */
    uint32_t filler[(k_block_size - 44) / 4];
};
_Static_assert(sizeof(struct Block) == k_block_size, "a block is one page");

struct Disk {
    char name[8];
    _Atomic uint64_t acked;
    _Atomic uint32_t errors;
    _Atomic uint32_t last_errno;
};

static struct Disk g_disks[k_disks_max];
static _Atomic uint32_t g_disk_count;
static uint64_t g_nonce;
static char g_guest[24];
static struct sockaddr_in g_observer;
static _Atomic uint32_t g_interval_us = 5000;
static _Atomic uint32_t g_disk_interval_us = 20000;
static _Atomic uint32_t g_dirty_pages_per_second;
static _Atomic uint32_t g_working_set_mib = 32;
static _Atomic uint32_t g_ram_errors;
static _Atomic uint64_t g_pages_dirtied;
static uint32_t g_crc_table[256];

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void sleep_us(uint64_t us)
{
    struct timespec span = {(time_t)(us / 1000000), (long)(us % 1000000) * 1000};
    nanosleep(&span, NULL);
}

static void make_crc_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        g_crc_table[i] = c;
    }
}

static uint32_t crc32_of(const void *data, size_t size)
{
    const unsigned char *p = data;
    uint32_t c = 0xFFFFFFFFu;
    while (size--)
        c = g_crc_table[(c ^ *p++) & 0xFF] ^ (c >> 8);
    return c ^ 0xFFFFFFFFu;
}

static void start_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, body, argument) != 0)
        puts("worker: no thread");
}

/* ---- heartbeats ------------------------------------------------------ */

static size_t fill_heartbeat(struct Heartbeat *beat, uint64_t sequence)
{
    memset(beat, 0, sizeof *beat);
    memcpy(beat->magic, "VMFLHB01", 8);
    beat->nonce = g_nonce;
    beat->sequence = sequence;
    beat->interval_us = g_interval_us;
    beat->ram_errors = g_ram_errors;
    beat->pages_dirtied = g_pages_dirtied;
    memcpy(beat->guest, g_guest, sizeof beat->guest);
    beat->disk_count = g_disk_count;
    for (uint32_t i = 0; i < beat->disk_count; i++) {
        memcpy(beat->disks[i].name, g_disks[i].name, 8);
        beat->disks[i].acked = g_disks[i].acked;
        beat->disks[i].errors = g_disks[i].errors;
        beat->disks[i].last_errno = g_disks[i].last_errno;
    }
    beat->monotonic_ns = monotonic_ns();
    return offsetof(struct Heartbeat, disks) + beat->disk_count * sizeof beat->disks[0];
}

/* Late ticks are skipped, not sent in a burst: a pause must look like a pause. */
static void *send_heartbeats(void *unused)
{
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    uint64_t sequence = 0;
    uint64_t due = monotonic_ns();
    for (;;) {
        struct Heartbeat beat;
        size_t size = fill_heartbeat(&beat, ++sequence);
        sendto(sock, &beat, size, MSG_DONTWAIT, (struct sockaddr *)&g_observer, sizeof g_observer);
        due += (uint64_t)g_interval_us * 1000;
        uint64_t now = monotonic_ns();
        if (due <= now)
            due = now;
        else
            sleep_us((due - now) / 1000);
    }
    return unused;
}

/* ---- disks ----------------------------------------------------------- */

static int block_is_valid(struct Block *block)
{
    if (memcmp(block->magic, "VMFLBLK1", 8) != 0)
        return 0;
    uint32_t stored = block->crc;
    block->crc = 0;
    int valid = crc32_of(block, sizeof *block) == stored;
    block->crc = stored;
    return valid;
}

/* Numbers continue over a reboot, so that the disk tells one story. */
static uint64_t highest_sequence(int fd, struct Block *buffer)
{
    uint64_t highest = 0;
    for (int slot = 0; slot < k_ring_slots; slot++) {
        if (pread(fd, buffer, k_block_size, (off_t)(slot + 1) * k_block_size) != k_block_size)
            break;
        if (memcmp(buffer->magic, "VMFLBLK1", 8) != 0 && slot > 1)
            break; /* the ring is filled in order: the rest was never written */
        if (block_is_valid(buffer) && buffer->sequence > highest)
            highest = buffer->sequence;
    }
    return highest;
}

static int write_block(int fd, struct Block *block, const char *disk, uint64_t sequence)
{
    memset(block, 0, sizeof *block);
    memcpy(block->magic, "VMFLBLK1", 8);
    block->sequence = sequence;
    block->nonce = g_nonce;
    block->monotonic_ns = monotonic_ns();
    memcpy(block->disk, disk, 8);
    uint32_t noise = (uint32_t)sequence * 2654435761u | 1u;
    for (size_t i = 0; i < sizeof block->filler / 4; i++) {
        noise ^= noise << 13, noise ^= noise >> 17, noise ^= noise << 5;
        block->filler[i] = noise;
    }
    block->crc = crc32_of(block, sizeof *block);
    off_t where = (off_t)(1 + sequence % k_ring_slots) * k_block_size;
    if (pwrite(fd, block, k_block_size, where) != k_block_size)
        return errno ? errno : EIO;
    return fdatasync(fd) == 0 ? 0 : errno;
}

static void *write_disk(void *argument)
{
    struct Disk *disk = argument;
    char path[32];
    struct Block *block = NULL;
    snprintf(path, sizeof path, "/dev/%s", disk->name);
    int fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
    if (fd < 0 || posix_memalign((void **)&block, k_block_size, k_block_size) != 0) {
        disk->last_errno = (uint32_t)errno; /* a read-only disk: reported, never written */
        return NULL;
    }
    disk->acked = highest_sequence(fd, block);
    for (;;) {
        uint32_t pause_us = g_disk_interval_us;
        if (pause_us == 0) {
            sleep_us(50000);
            continue;
        }
        int failure = write_block(fd, block, disk->name, disk->acked + 1);
        if (failure == 0) {
            disk->acked++;
        } else {
            disk->errors++;
            disk->last_errno = (uint32_t)failure;
        }
        sleep_us(pause_us);
    }
}

static int disk_is_known(const char *name)
{
    for (uint32_t i = 0; i < g_disk_count; i++)
        if (strncmp(g_disks[i].name, name, 8) == 0)
            return 1;
    return 0;
}

/* Looks again each second, so that a disk plugged in later is used as well. */
static void *find_disks(void *unused)
{
    for (;;) {
        DIR *directory = opendir("/sys/block");
        struct dirent *entry;
        while (directory && (entry = readdir(directory))) {
            if (strncmp(entry->d_name, "vd", 2) != 0 || strlen(entry->d_name) > 7)
                continue;
            if (disk_is_known(entry->d_name) || g_disk_count == k_disks_max)
                continue;
            struct Disk *disk = &g_disks[g_disk_count];
            strcpy(disk->name, entry->d_name);
            g_disk_count++;
            start_thread(write_disk, disk);
        }
        if (directory)
            closedir(directory);
        sleep_us(1000000);
    }
    return unused;
}

/* ---- memory dirtier -------------------------------------------------- */

struct Page {
    uint64_t index;
    uint64_t pass;
    uint64_t check;
    uint64_t filler[61];
    uint64_t tail_words[448];
};
_Static_assert(sizeof(struct Page) == 4096, "one guest page");

static void touch_page(struct Page *page, uint64_t index, uint64_t pass)
{
    int expected = pass == 0 || (page->index == index && page->pass == pass - 1 &&
                                 page->check == (index ^ (pass - 1) ^ g_nonce));
    if (!expected)
        g_ram_errors++;
    page->index = index;
    page->pass = pass;
    page->check = index ^ pass ^ g_nonce;
    for (int i = 0; i < 61; i++)
        page->filler[i] = pass * 0x9E3779B97F4A7C15u + (uint64_t)i;
    g_pages_dirtied++;
}

/* A working set of another size is a new mapping: passes start again at 0. */
static void *dirty_memory(void *unused)
{
    struct Page *pages = NULL;
    uint64_t page_count = 0, next = 0, pass = 0, due = monotonic_ns();
    double owed = 0;
    for (;;) {
        uint32_t rate = g_dirty_pages_per_second;
        uint64_t wanted = (uint64_t)g_working_set_mib * 256;
        if (rate != 0 && wanted != page_count) {
            if (pages)
                munmap(pages, page_count * sizeof *pages);
            pages = mmap(NULL, wanted * sizeof *pages, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (pages == MAP_FAILED) {
                puts("worker: no memory for the working set");
                pages = NULL, page_count = 0, g_dirty_pages_per_second = 0;
                continue;
            }
            page_count = wanted, next = 0, pass = 0;
        }
        sleep_us(rate ? 5000 : 50000);
        uint64_t now = monotonic_ns();
        double elapsed = (double)(now - due) / 1e9;
        due = now;
        owed += rate * (elapsed > 0.1 ? 0.1 : elapsed); /* no burst after a pause */
        for (; owed >= 1 && rate; owed -= 1) {
            touch_page(&pages[next], next, pass);
            if (++next == page_count)
                next = 0, pass++;
        }
        if (rate == 0)
            owed = 0;
    }
    return unused;
}

/* ---- commands -------------------------------------------------------- */

static void crash(void)
{
    int fd = open("/proc/sysrq-trigger", O_WRONLY);
    if (fd >= 0 && write(fd, "c", 1) != 1)
        puts("worker: no crash");
}

static void set_dirty(double mib_per_second, unsigned working_set_mib)
{
    if (working_set_mib > 0)
        g_working_set_mib = working_set_mib;
    g_dirty_pages_per_second = (uint32_t)(mib_per_second * 256);
}

/* Returns the deed to do after the answer has left: 'p', 'r', 'c' or 0. */
static char obey(const char *verb, const char *rest, char *answer, size_t size)
{
    double number = 0;
    unsigned working_set = 0;
    int given = sscanf(rest, "%lf %u", &number, &working_set);
    if (strcmp(verb, "hb") == 0 && given >= 1 && number >= 1) {
        g_interval_us = (uint32_t)(number * 1000);
    } else if (strcmp(verb, "disk") == 0 && given >= 1 && number >= 0) {
        g_disk_interval_us = (uint32_t)(number * 1000);
    } else if (strcmp(verb, "dirty") == 0 && given >= 1 && number >= 0) {
        set_dirty(number, working_set);
    } else if (strcmp(verb, "stat") != 0) {
        if (strcmp(verb, "poweroff") == 0 || strcmp(verb, "reboot") == 0 || strcmp(verb, "crash") == 0)
            return verb[0];
        snprintf(answer, size, "error unknown command or bad number: %s %s", verb, rest);
        return 0;
    }
    snprintf(answer, size, "ok hb_us=%u disk_us=%u dirty_pages_s=%u wss_mib=%u ram_errors=%u dirtied=%llu",
             g_interval_us, g_disk_interval_us, g_dirty_pages_per_second, g_working_set_mib,
             g_ram_errors, (unsigned long long)g_pages_dirtied);
    return 0;
}

static void do_deed(char deed)
{
    sleep_us(20000); /* let the answer leave */
    if (deed == 'c')
        crash();
    if (deed == 'p')
        reboot(RB_POWER_OFF);
    if (deed == 'r')
        reboot(RB_AUTOBOOT);
}

static void *answer_commands(void *unused)
{
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(k_command_port)};
    char last_token[32] = "", last_answer[320] = "";
    if (bind(sock, (struct sockaddr *)&here, sizeof here) != 0)
        puts("worker: no command port");
    for (;;) {
        char text[256], token[32] = "", verb[16] = "", body[256], deed = 0;
        struct sockaddr_in from;
        socklen_t from_size = sizeof from;
        int rest = 0;
        ssize_t size = recvfrom(sock, text, sizeof text - 1, 0, (struct sockaddr *)&from, &from_size);
        if (size <= 0)
            continue;
        text[size] = 0;
        if (sscanf(text, "%31s %15s %n", token, verb, &rest) < 2)
            continue;
        if (strcmp(token, last_token) != 0) {
            snprintf(body, sizeof body, "ok");
            deed = obey(verb, text + rest, body, sizeof body);
            strcpy(last_token, token);
            snprintf(last_answer, sizeof last_answer, "%s %s", token, body);
        }
        sendto(sock, last_answer, strlen(last_answer), 0, (struct sockaddr *)&from, from_size);
        if (deed)
            do_deed(deed);
    }
    return unused;
}

/* `virsh shutdown` presses the ACPI power button; nobody else here would hear it. */
static void *hear_power_button(void *unused)
{
    struct pollfd sources[4];
    int count = 0;
    for (int i = 0; i < 4; i++) {
        char path[32];
        snprintf(path, sizeof path, "/dev/input/event%d", i);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
            sources[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    while (count > 0 && poll(sources, (nfds_t)count, -1) > 0)
        for (int i = 0; i < count; i++) {
            struct input_event event;
            if (sources[i].revents && read(sources[i].fd, &event, sizeof event) == sizeof event &&
                event.type == EV_KEY && event.code == KEY_POWER && event.value == 1)
                reboot(RB_POWER_OFF);
        }
    return unused;
}

/* ---- start ----------------------------------------------------------- */

static void read_option(const char *word)
{
    char address[32];
    unsigned port, working_set = 0;
    double number;
    if (sscanf(word, "vmfl.to=%31[0-9.]:%u", address, &port) == 2) {
        g_observer.sin_family = AF_INET;
        g_observer.sin_port = htons((uint16_t)port);
        inet_pton(AF_INET, address, &g_observer.sin_addr);
    } else if (strncmp(word, "vmfl.name=", 10) == 0) {
        snprintf(g_guest, sizeof g_guest, "%s", word + 10);
    } else if (sscanf(word, "vmfl.hb=%lf", &number) == 1) {
        g_interval_us = (uint32_t)(number * 1000);
    } else if (sscanf(word, "vmfl.disk=%lf", &number) == 1) {
        g_disk_interval_us = (uint32_t)(number * 1000);
    } else if (sscanf(word, "vmfl.dirty=%lf,%u", &number, &working_set) >= 1) {
        set_dirty(number, working_set);
    }
}

static void read_options(void)
{
    char line[4096];
    FILE *file = fopen("/proc/cmdline", "r");
    if (!file || !fgets(line, sizeof line, file))
        return;
    fclose(file);
    char *state = NULL;
    for (char *word = strtok_r(line, " \n", &state); word; word = strtok_r(NULL, " \n", &state))
        read_option(word);
}

/* The pool is hardly seeded this early under emulation; the clocks differ per boot. */
static void choose_nonce(void)
{
    struct timespec real;
    clock_gettime(CLOCK_REALTIME, &real);
    if (getrandom(&g_nonce, sizeof g_nonce, GRND_INSECURE) != sizeof g_nonce)
        g_nonce = 0;
    g_nonce ^= ((uint64_t)real.tv_sec << 30 ^ (uint64_t)real.tv_nsec) * 0x9E3779B97F4A7C15u;
    g_nonce ^= monotonic_ns() * 0xD1B54A32D192ED03u;
}

int main(void)
{
    make_crc_table();
    read_options();
    choose_nonce();
    start_thread(send_heartbeats, NULL);
    start_thread(find_disks, NULL);
    start_thread(dirty_memory, NULL);
    start_thread(hear_power_button, NULL);
    answer_commands(NULL);
}
