; SPDX-License-Identifier: Apache-2.0
; Counts: a greeting and the numbers from 1 to LAST, a line each, on the first serial port; then
; ends the run with 0 through the debug-exit port. A flat image for 32-bit protected mode, entered
; at its first byte. LAST is given by whoever assembles it.

        mov esp, 0x80000
        mov esi, greeting
greet:  lodsb
        test al, al
        je count
        call put
        jmp greet

count:  mov ebx, 1
line:   mov eax, ebx
        xor ecx, ecx
        mov edi, 10
digit:  xor edx, edx
        div edi
        add edx, '0'
        push edx
        inc ecx
        test eax, eax
        jne digit
emit:   pop eax
        call put
        dec ecx
        jne emit
        mov al, 10
        call put
        inc ebx
        cmp ebx, LAST + 1
        jne line

        xor eax, eax
        out 0xf4, eax
halt:   hlt
        jmp halt

; Sends AL once the port can take it.
put:    push eax
        mov dx, 0x3fd
wait:   in al, dx
        test al, 0x20
        je wait
        pop eax
        mov dx, 0x3f8
        out dx, al
        ret

greeting: .asciz "Hello from a guest of Nestor. It counts.\n"
