; SPDX-License-Identifier: Apache-2.0
; An image that behaves as public hypervisor tests do, for tests of whoever runs them: result lines, a
; summary, a code at the debug-exit port. The first letter of its first argument says how it ends:
; (p)ass, (f)ail, (s)kip, (m)ute without a summary, (a)ssertion, (h)ang, (t)riple fault.

BASE = 0x400000

; --- ELF32 header, one loadable segment that is the whole file and 64 KiB of zeros after it --------
        .byte 0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
        .word 2, 3
        .long 1, entry, 52, 0, 0
        .word 52, 32, 1, 0, 0, 0
        .long 1, 0, BASE, BASE, end - BASE, end - BASE + 0x10000, 7, 0x1000

; --- Multiboot 1 header: flags 0, so the ELF headers say what goes where ---------------------------
        .align 4
        .long 0x1badb002, 0, -0x1badb002

stack = end + 0x10000

entry:  mov esp, stack
        mov esi, dword ptr [ebx+16]     ; command line
name:   lodsb                           ; the program's name
        cmp al, ' '
        jne name
        lodsb
        cmp al, 'p'
        je pass
        cmp al, 'f'
        je fail
        cmp al, 's'
        je skip
        cmp al, 'm'
        je mute
        cmp al, 'a'
        je abort
        cmp al, 't'
        je triple
hang:   hlt
        jmp hang

pass:   mov esi, text_pass
        xor ebp, ebp
        jmp finish
fail:   mov esi, text_fail
        mov ebp, 1
        jmp finish
skip:   mov esi, text_skip
        mov ebp, 38
        jmp finish
mute:   mov esi, text_mute
        xor ebp, ebp
        jmp finish
abort:  mov esi, text_abort
        mov ebp, 63

finish: lodsb
        test al, al
        je over
        call put
        jmp finish
over:   mov eax, ebp
        out 0xf4, eax
        jmp hang

triple: lidt [nothing]
        int3

; Sends AL once the port can take it. Changes EDX.
put:    push eax
        mov dx, 0x3fd
full:   in al, dx
        test al, 0x20
        je full
        pop eax
        mov dx, 0x3f8
        out dx, al
        ret

nothing: .word 0
        .long 0
text_pass:  .asciz "PASS: one & only\nXFAIL: known\nSUMMARY: 3 tests, 1 expected failures\n"
text_fail:  .asciz "PASS: one\nFAIL: 1 < 0\nSKIP: three\nSUMMARY: 4 tests, 1 unexpected failures, 1 skipped\n"
text_skip:  .asciz "SKIP: no such thing\nSUMMARY: 1 tests, 1 skipped\n"
text_mute:  .asciz "PASS: one\nthe end\n"
text_abort: .asciz "PASS: one\nAssert failed\n"
end:
