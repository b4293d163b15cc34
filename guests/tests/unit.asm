; SPDX-License-Identifier: Apache-2.0
; A small image of the kind that public hypervisor tests are: ELF32 with a Multiboot header, argument
; words on the command line, the environment in a module, a serial port, a debug-exit port. The
; first argument says what to do; see the table at "commands".

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
        mov dword ptr [info], ebx
        mov esi, dword ptr [ebx+16]     ; command line
        call skip                       ; the program's name
        mov dword ptr [args], esi
        mov edi, commands
search: mov ebp, dword ptr [edi+4]
        test ebp, ebp
        je unknown
        mov eax, dword ptr [edi]
        mov esi, dword ptr [args]
same:   mov cl, byte ptr [eax]
        test cl, cl
        je ended
        cmp cl, byte ptr [esi]
        jne other
        inc eax
        inc esi
        jmp same
ended:  cmp byte ptr [esi], ' '
        ja other
        call skip
        jmp ebp
other:  add edi, 8
        jmp search

unknown: mov esi, text_unknown
        call say
        mov esi, dword ptr [args]
        call say
        call newline
        mov eax, 63
        jmp exit

commands:
        .long name_report, report, name_exit, exit_with, name_keyboard, reset_keyboard
        .long name_fast, reset_fast, name_control, reset_control, name_triple, triple
        .long name_off, off, name_echo, echo, name_watch, watch, name_fault, fault
        .long name_spin, spin, name_random, random, name_uart, uart, name_strange, strange
        .long name_twice, twice, name_dice, dice, 0, 0
name_report:   .asciz "report"
name_exit:     .asciz "exit"
name_keyboard: .asciz "reset-keyboard"
name_fast:     .asciz "reset-fast"
name_control:  .asciz "reset-control"
name_triple:   .asciz "triple"
name_off:      .asciz "off"
name_echo:     .asciz "echo"
name_watch:    .asciz "watch"
name_fault:    .asciz "fault"
name_spin:     .asciz "spin"
name_random:   .asciz "random"
name_uart:     .asciz "uart"
name_strange:  .asciz "strange"
name_twice:    .asciz "twice"
name_dice:     .asciz "dice"

; --- report: what the machine tells a guest of itself ----------------------------------------------
report: mov esi, text_args
        call say
        mov esi, dword ptr [args]
        call say
        call newline
        mov ebx, dword ptr [info]
        mov esi, text_modules
        mov eax, dword ptr [ebx+20]
        call number
        cmp dword ptr [ebx+20], 1
        jne memory
        mov edx, dword ptr [ebx+24]
        mov esi, dword ptr [edx]        ; the environment: start and end
        mov ecx, dword ptr [edx+4]
each:   cmp esi, ecx
        jae memory
        lodsb
        push ecx
        call put
        pop ecx
        jmp each
memory: mov esi, text_upper
        mov eax, dword ptr [ebx+8]
        call number
        mov esi, text_map
        mov edi, dword ptr [ebx+48]     ; count the kinds of memory
        mov ebp, dword ptr [ebx+44]
        add ebp, edi
        xor eax, eax
region: cmp edi, ebp
        jae regions
        cmp dword ptr [edi+20], 1
        jne next
        inc eax
next:   add edi, dword ptr [edi]
        add edi, 4
        jmp region
regions: call number
        mov esi, text_cpus
        mov ax, 5
        call firmware
        and eax, 0xffff
        call number
        mov esi, text_ram
        mov ax, 3
        call firmware
        call number
        mov esi, text_max
        mov ax, 0x11
        call firmware
        call number
        mov esi, text_latch
        mov dx, 0xe0
        mov eax, 123456789
        out dx, eax
        xor eax, eax
        in eax, dx
        call number
        mov esi, text_store
        mov dword ptr [0xff000010], 987654321
        mov eax, dword ptr [0xff000010]
        call number
        mov esi, text_line
        mov al, 0x11                    ; both 8259s from the start, all lines open
        out 0x20, al
        mov al, 0x20
        out 0x21, al
        mov al, 4
        out 0x21, al
        mov al, 1
        out 0x21, al
        mov dx, 0x2005
        mov eax, 1
        out dx, eax
        mov al, 10
        out 0x20, al
        xor eax, eax
        in al, 0x20                     ; the request register
        call number
        mov dx, 0x2005
        xor eax, eax
        out dx, eax
        mov esi, text_tsc
        rdtsc
        mov ecx, eax
        mov edi, 1000
delay:  dec edi
        jne delay
        rdtsc
        sub eax, ecx
        cmp eax, 1000
        setae al
        movzx eax, al
        call number
        xor eax, eax
        jmp exit

; AX: key. Gives the first four bytes in EAX.
firmware: mov dx, 0x510
        out dx, ax
        mov dx, 0x511
        xor ecx, ecx
        mov edi, 4
more:   in al, dx
        shrd ecx, eax, 8
        dec edi
        jne more
        mov eax, ecx
        ret

; --- exit N ------------------------------------------------------------------------------------------
exit_with: call decimal
exit:   out 0xf4, eax
hang:   hlt
        jmp hang

; --- ways to reset and to switch off -----------------------------------------------------------------
reset_keyboard: call starts
        mov al, 0xfe
        out 0x64, al
        jmp hang
reset_fast: call starts
        in al, 0x92
        and al, 0xfe
        out 0x92, al
        or al, 1
        out 0x92, al
        jmp hang
reset_control: call starts
        mov dx, 0xcf9
        mov al, 2
        out dx, al
        mov al, 6
        out dx, al
        jmp hang
triple: call starts
        lidt [nothing]
        int3
nothing: .long 0, 0
off:    mov dx, 0x604                   ; PM1 control: SLP_TYP of \_S5, SLP_EN
        mov ax, 5 << 10 | 1 << 13
        out dx, ax
        jmp hang

; Says how often the machine was started: battery-backed memory outlives a reset. The second time
; ends the run.
starts: mov al, 0x70
        out 0x70, al
        in al, 0x71
        inc al
        mov cl, al
        mov al, 0x70
        out 0x70, al
        mov al, cl
        out 0x71, al
        push ecx
        movzx eax, cl
        mov esi, text_start
        call number
        pop ecx
        cmp cl, 2
        je again
        ret
again:  mov eax, 21
        jmp exit

; --- echo: what is typed comes back with the time; q ends ---------------------------------------------
echo:   mov dx, 0x3fd
        in al, dx
        test al, 1
        je echo
        mov dx, 0x3f8
        in al, dx
        cmp al, 'q'
        je quit
        movzx ebx, al
        rdtsc
        push eax
        mov eax, ebx
        call put
        pop eax
        mov esi, text_at
        call number
        jmp echo
quit:   xor eax, eax
        jmp exit

; --- watch PORT: says each new value of a port ------------------------------------------------------------
watch:  call decimal
        mov ebp, eax
        mov ebx, 0x100
look:   mov edx, ebp
        xor eax, eax
        in al, dx
        cmp eax, ebx
        je look
        mov ebx, eax
        mov esi, text_value
        call number
        jmp look

; --- dice PORT: throws a die now and then, and says how often it says it was thrown ---------------------
dice:   call decimal
        mov ebp, eax
throw:  mov edx, ebp
        in al, dx
        inc edx
        xor eax, eax
        in al, dx
        mov esi, text_value
        call number
        mov edi, 200000
rest:   dec edi
        jne rest
        jmp throw

; --- fault: an undefined instruction, caught ----------------------------------------------------------------
fault:  mov edi, table
        mov ecx, 32
gate:   mov eax, handler
        mov word ptr [edi], ax
        mov ax, cs
        mov word ptr [edi+2], ax
        mov word ptr [edi+4], 0x8e00
        mov eax, handler
        shr eax, 16
        mov word ptr [edi+6], ax
        add edi, 8
        dec ecx
        jne gate
        lidt [pointer]
        ud2
handler: cli
        mov esi, text_taken
        call say
        call newline
        jmp spin
pointer: .word 255
        .long table

; --- spin: runs for ever --------------------------------------------------------------------------------
spin:   inc ebx
        jmp spin

; --- random: a number that depends on the seed ----------------------------------------------------------
random: rdrand eax
        jae random
        mov esi, text_random
        call number
        xor eax, eax
        jmp exit

; --- uart: what tells a 16550A from its ancestors ---------------------------------------------------------
uart:   mov dx, 0x3fa
        mov al, 1
        out dx, al
        xor eax, eax
        in al, dx
        shr eax, 6                      ; 3: FIFOs that work
        mov esi, text_fifo
        call number
        mov dx, 0x3ff
        mov al, 0x5a
        out dx, al
        xor eax, eax
        in al, dx
        mov esi, text_scratch
        call number
        xor eax, eax
        jmp exit

; --- strange: touches what nobody models ----------------------------------------------------------------
strange: mov dx, 0x330
        in al, dx
        in al, dx
        mov eax, dword ptr [0xfeb00000]
        xor eax, eax
        jmp exit

; --- twice: asks for two endings, of which the first counts -------------------------------------------------
twice:  mov eax, 9
        out 0xf4, eax
        mov al, 0xfe
        out 0x64, al
        jmp hang

; --- text -------------------------------------------------------------------------------------------------
; ESI: where a word may stand. Moves to the next word.
skip:   cmp byte ptr [esi], ' '
        jbe blanks
        inc esi
        jmp skip
blanks: cmp byte ptr [esi], ' '
        jne skipped
        inc esi
        jmp blanks
skipped: ret

; ESI: digits. Gives their number in EAX.
decimal: xor eax, eax
digits: movzx edx, byte ptr [esi]
        sub edx, '0'
        cmp edx, 9
        ja done
        imul eax, eax, 10
        add eax, edx
        inc esi
        jmp digits
done:   ret

; Says ESI, then EAX in decimal, then ends the line.
number: push eax
        call say
        pop eax
        push ebx
        xor ecx, ecx
        mov ebx, 10
divide: xor edx, edx
        div ebx
        add edx, '0'
        push edx
        inc ecx
        test eax, eax
        jne divide
print:  pop eax
        call put
        dec ecx
        jne print
        pop ebx
newline: mov al, 10
        jmp put

say:    lodsb
        test al, al
        je said
        call put
        jmp say
said:   ret

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

text_unknown: .asciz "no such command: "
text_args:    .asciz "args: "
text_modules: .asciz "modules: "
text_upper:   .asciz "upper KiB: "
text_map:     .asciz "regions of RAM: "
text_cpus:    .asciz "CPUs: "
text_ram:     .asciz "RAM: "
text_max:     .asciz "most RAM: "
text_latch:   .asciz "latch: "
text_store:   .asciz "store: "
text_line:    .asciz "requests: "
text_tsc:     .asciz "TSC moves: "
text_start:   .asciz "start "
text_at:      .asciz " at "
text_value:   .asciz "value "
text_taken:   .asciz "taken"
text_random:  .asciz "random "
text_fifo:    .asciz "FIFO "
text_scratch: .asciz "scratch "
        .align 8
info:   .long 0
args:   .long 0
end:
table = end
