// What LeakSanitizer finds here and libvirt 9.0 is to blame for: virConnectRegisterCloseCallback answers 0 for a
// driver that has no such callback, like test:///, and never frees the data it was given (src/libvirt-host.c).

extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)

extern "C" const char* __lsan_default_suppressions()  // NOLINT(bugprone-reserved-identifier)
{
    return "leak:vmferry::libvirt::Connection::register_close\n";
}
