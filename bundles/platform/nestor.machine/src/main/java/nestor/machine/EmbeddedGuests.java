// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Guests that need nothing fetched: flat images for 32-bit protected mode, entered at their first
 * byte.
 */
final class EmbeddedGuests {
  /** Numbers that the guest {@code tiny} prints. */
  static final int LAST_NUMBER = 20_000;

  private static final int LOAD_ADDRESS = 0x10_0000;
  private static final int STACK = 0x8_0000;

  private EmbeddedGuests() {}

  /** {@return the image of that guest} */
  static Optional<byte[]> find(String name) {
    return name.equals("tiny") ? Optional.of(tiny(LAST_NUMBER)) : Optional.empty();
  }

  /**
   * Counts: prints a greeting and the numbers from 1 on, a line each, on the first serial port,
   * then ends the run with 0 through the debug-exit port.
   */
  static byte[] tiny(int last) {
    byte[] greeting =
        "Hello from a guest of Nestor. It counts.\n\0".getBytes(StandardCharsets.US_ASCII);
    Code code = new Code();
    code.add(0xE9).to("start").label("greeting").text(greeting);

    code.label("start").add(0xBC).dword(STACK); // mov esp, STACK
    code.add(0xBE).dword(LOAD_ADDRESS + code.place("greeting")); // mov esi, greeting
    code.label("greet").add(0xAC, 0x84, 0xC0); // lodsb; test al, al
    code.add(0x0F, 0x84).to("count"); // jz count
    code.add(0xE8).to("put").add(0xE9).to("greet"); // call put; jmp greet

    code.label("count").add(0xBB).dword(1); // mov ebx, 1
    code.label("line").add(0x89, 0xD8, 0x31, 0xC9); // mov eax, ebx; xor ecx, ecx
    code.add(0xBF).dword(10); // mov edi, 10
    code.label("digit").add(0x31, 0xD2, 0xF7, 0xF7); // xor edx, edx; div edi
    code.add(0x83, 0xC2, '0', 0x52, 0x41); // add edx, '0'; push edx; inc ecx
    code.add(0x85, 0xC0, 0x0F, 0x85).to("digit"); // test eax, eax; jnz digit
    code.label("emit").add(0x58, 0xE8).to("put"); // pop eax; call put
    code.add(0x49, 0x0F, 0x85).to("emit"); // dec ecx; jnz emit
    code.add(0xB0, '\n', 0xE8).to("put"); // mov al, newline; call put
    code.add(0x43, 0x81, 0xFB).dword(last + 1); // inc ebx; cmp ebx, last + 1
    code.add(0x0F, 0x85).to("line"); // jne line

    code.add(0x31, 0xC0, 0xE7, 0xF4); // xor eax, eax; out 0F4h, eax
    code.label("halt").add(0xF4, 0xE9).to("halt"); // hlt; jmp halt

    code.label("put").add(0x50, 0x66, 0xBA, 0xFD, 0x03); // push eax; mov dx, 3FDh
    code.label("wait").add(0xEC, 0xA8, 0x20); // in al, dx; test al, 20h
    code.add(0x0F, 0x84).to("wait"); // jz wait
    code.add(0x58, 0x66, 0xBA, 0xF8, 0x03, 0xEE, 0xC3); // pop eax; mov dx, 3F8h; out dx, al; ret
    return code.image();
  }
}
