; SPDX-License-Identifier: Apache-2.0
; Several processors at once: locked instructions, locks, memory ordering, cross-modifying code, TLB
; shoot-downs, interprocessor interrupts and NMIs. The argument is the number of rounds. Every test
; verifies its result; a line is printed for each, and the debug-exit port gets 0 if all were right.

BASE = 0x400000

; --- ELF32 header, one loadable segment that is the whole file and 64 KiB of zeros after it --------
        .byte 0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
        .word 2, 3
        .long 1, entry, 52, 0, 0
        .word 52, 32, 1, 0, 0, 0
        .long 1, 0, BASE, BASE, end - BASE, end - BASE + 0x10000, 7, 0x1000
        .align 4
        .long 0x1badb002, 0, -0x1badb002

; --- places ----------------------------------------------------------------------------------------
PML4   = 0x600000
PDPT   = 0x601000
PD     = 0x602000               ; four of them: 4 GiB in pages of 2 MiB
PT     = 0x606000               ; 800000h-9fffffh in pages of 4 KiB
IDT    = 0x607000
STACKS = 0x610000               ; 4 KiB each
PAGE_A = 0x700000
PAGE_B = 0x701000
LINE   = 0x70203e               ; a dword across two cache lines
CROSS  = 0x703ffe               ; and one across two pages
WINDOW = 0x800000               ; shows one of the two pages
START  = 0x8000                 ; where application processors begin
APIC   = 0xfee00000

k      = 0x710000               ; counters, 64 bytes apart
X      = 0x720000               ; for the test of ordering: 64 KiB each
Y      = 0x730000
SEEN   = 0x740000

; --- 32-bit: the boot processor --------------------------------------------------------------------
entry:  mov esp, STACKS
        mov esi, dword ptr [ebx+16]
name:   cmp byte ptr [esi], ' '
        jbe number32
        inc esi
        jmp name
number32: inc esi
        xor eax, eax
digit:  movzx edx, byte ptr [esi]
        sub edx, '0'
        cmp edx, 9
        ja counted
        imul eax, eax, 10
        add eax, edx
        inc esi
        jmp digit
counted: mov dword ptr [count], eax
        shr eax, 4
        inc eax
        mov dword ptr [few], eax
        mov dx, 0x510
        mov ax, 5
        out dx, ax
        mov dx, 0x511
        xor eax, eax
        in al, dx
        mov dword ptr [cpus], eax

        mov al, 0xff                    ; the 8259s stay out of it
        out 0x21, al
        out 0xa1, al

        mov dword ptr [PML4], PDPT + 7
        mov edi, PDPT
        mov eax, PD + 7
        mov ecx, 4
upper:  mov dword ptr [edi], eax
        add edi, 8
        add eax, 0x1000
        dec ecx
        jne upper
        mov edi, PD
        mov eax, 0x83
        mov ecx, 2048
large:  mov dword ptr [edi], eax
        add edi, 8
        add eax, 0x200000
        dec ecx
        jne large
        mov dword ptr [PD + 32], PT + 3
        mov edi, PT
        mov eax, 0x800003
        mov ecx, 512
small:  mov dword ptr [edi], eax
        add edi, 8
        add eax, 0x1000
        dec ecx
        jne small
        mov dword ptr [PT], PAGE_A + 3

        mov edi, IDT
        mov eax, fault
        mov ecx, 256
gates:  call gate
        dec ecx
        jne gates
        mov edi, IDT + 2 * 16
        mov eax, on_nmi
        call gate
        mov edi, IDT + 0x40 * 16
        mov eax, on_ring
        call gate
        mov eax, on_shootdown
        call gate

        mov esi, first16
        mov edi, START
        mov ecx, last16 - first16
        rep movsb
        lgdt [gdt_pointer]
        jmp enter64

; EDI: gate, EAX: handler.
gate:   mov word ptr [edi], ax
        mov word ptr [edi+2], 0x18
        mov word ptr [edi+4], 0x8e00
        mov edx, eax
        shr edx, 16
        mov word ptr [edi+6], dx
        add edi, 16
        ret

; --- 16-bit: where application processors begin, copied to START ------------------------------------
        .code16
first16: cli
        xor ax, ax
        mov ds, ax
        .byte 0x0f, 0x01, 0x16          ; LGDT
        .word START + pointer16 - first16
        mov eax, cr0
        or al, 1
        mov cr0, eax
        .byte 0x66, 0xea                ; far jump
        .long enter32
        .word 8
pointer16: .word 39
        .long gdt
last16:
        .code32
enter32: mov ax, 0x10
        mov ds, ax
        mov es, ax
        mov ss, ax
enter64: mov eax, cr4
        or eax, 0x620
        mov cr4, eax
        mov eax, PML4
        mov cr3, eax
        mov ecx, 0xc0000080
        rdmsr
        or eax, 0x100
        wrmsr
        mov eax, cr0
        or eax, 0x80000001
        and eax, 0x9fffffff
        mov cr0, eax
        .byte 0xea
        .long long64
        .word 0x18

; --- 64-bit: EBP is the APIC ID from here on --------------------------------------------------------
        .code64
long64: mov ax, 0x10
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov eax, dword ptr [APIC + 0x20]
        shr eax, 24
        mov ebp, eax
        inc eax
        shl eax, 12
        add eax, STACKS
        mov esp, eax
        mov eax, idt_pointer
        lidt tbyte ptr [rax]
        mov dword ptr [APIC + 0xf0], 0x1ff
        lock inc dword ptr [present]
        test ebp, ebp
        je main
work:   call barrier
        mov rax, qword ptr [test_now]
        call rax
        call barrier
        jmp work

main:   cmp dword ptr [cpus], 1
        je all
        mov dword ptr [APIC + 0x300], 0xc4500   ; INIT to all others
        mov ecx, 100000
settle: dec ecx
        jne settle
        mov dword ptr [APIC + 0x300], 0xc4608   ; start-up at 8000h
waiting: pause
        mov eax, dword ptr [present]
        cmp eax, dword ptr [cpus]
        jne waiting

all:    mov edi, tests
each:   mov rax, qword ptr [rdi]
        test rax, rax
        je over
        mov qword ptr [test_now], rax
        push rdi
        call barrier
        call qword ptr [test_now]
        call barrier
        pop rdi
        push rdi
        call qword ptr [rdi+8]
        pop rdi
        add rdi, 16
        jmp each
over:   xor eax, eax
        cmp dword ptr [errors], 0
        je leave
        mov eax, 1
leave:  out 0xf4, eax
stay:   hlt
        jmp stay

tests:  .quad atomics, check_atomics
        .quad locks, check_locks
        .quad ordering, check_ordering
        .quad modifying, check_modifying
        .quad shootdown, check_shootdown
        .quad ring, check_ring
        .quad nmi, check_nmi
        .quad 0

; All processors come here before one of them goes on. Changes EAX, ECX.
barrier: mov eax, dword ptr [generation]
        mov ecx, 1
        lock xadd dword ptr [arrived], ecx
        inc ecx
        cmp ecx, dword ptr [cpus]
        jne held
        mov dword ptr [arrived], 0
        inc dword ptr [generation]
        ret
held:   pause
        cmp dword ptr [generation], eax
        je held
        ret

; --- locked instructions: each adds one, whoever else does --------------------------------------------
atomics: mov r12d, dword ptr [count]
        mov r13d, ebp
again:  lock inc dword ptr [k]
        lock add dword ptr [k+0x40], 1
        lock sub dword ptr [k+0x80], -1
        lock dec dword ptr [k+0xc0]
        mov eax, 1
        lock xadd dword ptr [k+0x100], eax
        mov r9d, 1
        lock xadd qword ptr [k+0x140], r9
        mov eax, dword ptr [k+0x180]
retry1: lea ecx, [rax+1]
        lock cmpxchg dword ptr [k+0x180], ecx
        jne retry1
        mov rax, qword ptr [k+0x1c0]
retry2: lea r9, [rax+1]
        lock cmpxchg qword ptr [k+0x1c0], r9
        jne retry2
        mov eax, dword ptr [k+0x200]
        mov edx, dword ptr [k+0x204]
retry3: mov ebx, eax
        mov ecx, edx
        add ebx, 0x40000000             ; carries into the upper half every fourth time
        adc ecx, 0
        lock cmpxchg8b qword ptr [k+0x200]
        jne retry3
        mov rax, qword ptr [k+0x240]
        mov rdx, qword ptr [k+0x248]
retry4: lea rbx, [rax+1]
        lea rcx, [rdx+3]
        lock cmpxchg16b xmmword ptr [k+0x240]
        jne retry4
        stc
        lock adc dword ptr [k+0x280], 0
        stc
        lock sbb dword ptr [k+0x2c0], -2
        lock xor dword ptr [k+0x300], 1
        lock not dword ptr [k+0x340]
        lock neg dword ptr [k+0x380]
        mov ecx, ebp                    ; bits of one's own in a word of all
        mov eax, 1
        shl eax, cl
        lock or dword ptr [k+0x3c0], eax
        not eax
        lock and dword ptr [k+0x3c0], eax
        lock bts dword ptr [k+0x400], r13d
        jae unset
        inc dword ptr [errors]
unset:  lock btr dword ptr [k+0x400], r13d
        jb set
        inc dword ptr [errors]
set:    lock btc dword ptr [k+0x400], r13d
        lock btc dword ptr [k+0x400], r13d
        lock inc byte ptr [rbp+k+0x440]         ; a byte of one's own among the others'
        lock add word ptr [rbp*2+k+0x480], 3
        test r12d, 63
        jne common
        lock inc dword ptr [LINE]
        lock inc dword ptr [CROSS]
        lock add word ptr [rbp+k+0x4ff], 1      ; misaligned, over its neighbour's
common: dec r12d
        jne again
        ret

check_atomics:
        mov eax, dword ptr [count]
        mul dword ptr [cpus]
        mov r12d, eax
        mov edi, k
        mov esi, text_inc
        call expect
        mov edi, k+0x40
        mov esi, text_add
        call expect
        mov edi, k+0x80
        mov esi, text_sub
        call expect
        neg dword ptr [k+0xc0]
        mov edi, k+0xc0
        mov esi, text_dec
        call expect
        mov edi, k+0x100
        mov esi, text_xadd
        call expect
        mov edi, k+0x140
        mov esi, text_xadd64
        call expect
        mov edi, k+0x180
        mov esi, text_cmpxchg
        call expect
        mov edi, k+0x1c0
        mov esi, text_cmpxchg64
        call expect
        mov rax, qword ptr [k+0x200]
        shr rax, 30
        mov dword ptr [k+0x200], eax
        mov edi, k+0x200
        mov esi, text_cmpxchg8b
        call expect
        mov edi, k+0x240
        mov esi, text_cmpxchg16b
        call expect
        lea eax, [r12+r12*2]
        mov edi, k+0x248
        mov esi, text_cmpxchg16b
        call compare
        mov edi, k+0x280
        mov esi, text_adc
        call expect
        mov edi, k+0x2c0
        mov esi, text_sbb
        call expect
        mov eax, r12d
        and eax, 1
        mov edi, k+0x300
        mov esi, text_xor
        call compare
        mov eax, r12d
        and eax, 1
        neg eax
        mov edi, k+0x340
        mov esi, text_not
        call compare
        xor eax, eax
        mov edi, k+0x380
        mov esi, text_neg
        call compare
        xor eax, eax
        mov edi, k+0x3c0
        mov esi, text_and
        call compare
        xor eax, eax
        mov edi, k+0x400
        mov esi, text_bits
        call compare
        mov eax, dword ptr [count]
        movzx eax, al
        mov ecx, dword ptr [cpus]
        xor ebx, ebx
bytes:  movzx edx, byte ptr [rbx+k+0x440]
        sub edx, eax
        or dword ptr [k+0x4c0], edx
        inc ebx
        cmp ebx, ecx
        jne bytes
        lea eax, [rax+rax*2]
        imul eax, dword ptr [count], 3
        movzx eax, ax
        xor ebx, ebx
words:  movzx edx, word ptr [rbx*2+k+0x480]
        sub edx, eax
        or dword ptr [k+0x4c0], edx
        inc ebx
        cmp ebx, ecx
        jne words
        xor eax, eax
        mov edi, k+0x4c0
        mov esi, text_narrow
        call compare
        mov eax, dword ptr [count]
        shr eax, 6
        mul dword ptr [cpus]
        mov r12d, eax
        mov edi, LINE
        mov esi, text_line
        call expect
        mov edi, CROSS
        mov esi, text_cross
        jmp expect

; --- locks around what is not atomic -------------------------------------------------------------------
locks:  mov r12d, dword ptr [count]
lock1:  mov eax, 1                      ; a spinlock
        xchg dword ptr [k+0x600], eax
        test eax, eax
        je got1
        pause
        jmp lock1
got1:   mov eax, dword ptr [k+0x640]
        inc eax
        mov dword ptr [k+0x640], eax
        mov dword ptr [k+0x600], 0
lock2:  lock bts dword ptr [k+0x680], 7 ; a bit
        jae got2
        pause
        jmp lock2
got2:   mov eax, dword ptr [k+0x6c0]
        inc eax
        mov dword ptr [k+0x6c0], eax
        lock btr dword ptr [k+0x680], 7
        mov eax, 1                      ; tickets
        lock xadd dword ptr [k+0x700], eax
lock3:  cmp dword ptr [k+0x740], eax
        je got3
        pause
        jmp lock3
got3:   inc dword ptr [k+0x780]
        inc dword ptr [k+0x740]
        dec r12d
        jne lock1
        ret

check_locks:
        mov eax, dword ptr [count]
        mul dword ptr [cpus]
        mov r12d, eax
        mov edi, k+0x640
        mov esi, text_spinlock
        call expect
        mov edi, k+0x6c0
        mov esi, text_bitlock
        call expect
        mov edi, k+0x780
        mov esi, text_tickets
        jmp expect

; --- ordering: two processors store, fence, and load what the other stores; one must see it ------------
; Before each pair they wait for each other without PAUSE, to come as close as they can.
ordering: mov r12d, dword ptr [few]
        shr r12d, 9
        inc r12d
order:  call barrier
        mov r8d, X
        mov r9d, Y
        mov r10d, SEEN
        mov r13d, k+0x800
        mov r14d, k+0x840
        test ebp, ebp
        je pairs
        xchg r8, r9
        xchg r13, r14
        add r10d, 4
        cmp ebp, 1
        ja fenced
pairs:  xor ecx, ecx
pair:   mov eax, ecx
        shl eax, 6
        cmp dword ptr [cpus], 1
        je together
        mov edx, dword ptr [r8+rax]     ; both caches have both lines
        mov edx, dword ptr [r9+rax]
        lea edx, [rcx+1]
        mov dword ptr [r13], edx
near:   mov esi, 1000
met:    cmp dword ptr [r14], edx
        jae together
        dec esi
        jne met
        pause
        jmp near
together: mov dword ptr [r8+rax], 1
        mfence
        mov edx, dword ptr [r9+rax]
        mov dword ptr [r10+rcx*8], edx
        inc ecx
        cmp ecx, 1024
        jne pair
fenced: call barrier
        test ebp, ebp
        jne seen
        xor ecx, ecx
judge:  cmp dword ptr [cpus], 1
        je clear
        cmp qword ptr [rcx*8+SEEN], 0
        jne clear
        inc dword ptr [k+0x900]
clear:  mov dword ptr [k+0x800], 0
        mov dword ptr [k+0x840], 0
        mov eax, ecx
        shl eax, 6
        mov dword ptr [rax+X], 0
        mov dword ptr [rax+Y], 0
        inc ecx
        cmp ecx, 1024
        jne judge
seen:   call barrier
        dec r12d
        jne order
        ret

check_ordering:
        xor eax, eax
        mov edi, k+0x900
        mov esi, text_ordering
        jmp compare

; --- cross-modifying code (SDM vol. 3A): write, tell; the others serialize, and run it -------------------
modifying: mov r12d, 1
        test ebp, ebp
        jne runs
writes: mov dword ptr [function+1], r12d
        mov dword ptr [k+0xa00], r12d
        mov eax, dword ptr [cpus]
        dec eax
        imul eax, r12d
told:   pause
        cmp dword ptr [k+0xa40], eax
        jne told
        inc r12d
        cmp r12d, dword ptr [few]
        jbe writes
        ret
runs:   pause
        cmp dword ptr [k+0xa00], r12d
        jne runs
        xor eax, eax
        cpuid
        call function
        cmp eax, r12d
        je ran
        lock inc dword ptr [k+0xa80]
ran:    lock inc dword ptr [k+0xa40]
        inc r12d
        cmp r12d, dword ptr [few]
        jbe runs
        ret
        .align 8
        .byte 0x90, 0x90, 0x90
function: mov eax, 0x11111111
        ret

check_modifying:
        xor eax, eax
        mov edi, k+0xa80
        mov esi, text_modifying
        jmp compare

; --- TLB shoot-down: after all have said that they forgot it, nobody sees the old page -------------------
shootdown: sti
        test ebp, ebp
        jne looks
        mov r12d, 1
maps:   mov eax, PAGE_A
        test r12d, 1
        je even
        mov eax, PAGE_B
even:   mov dword ptr [rax], r12d
        mov dword ptr [k+0xb00], 0
        or eax, 3
        mov dword ptr [PT], eax
        mov eax, WINDOW
        invlpg [rax]
        cmp dword ptr [cpus], 1
        je mapped
        mov dword ptr [APIC + 0x300], 0xc4041   ; vector 41h to all others
forget: pause
        mov eax, dword ptr [k+0xb00]
        inc eax
        cmp eax, dword ptr [cpus]
        jne forget
mapped: mov dword ptr [k+0xb40], r12d
        inc r12d
        cmp r12d, dword ptr [few]
        jbe maps
        mov dword ptr [k+0xb80], 1
        cli
        ret
looks:  mov eax, dword ptr [k+0xb40]
        cmp dword ptr [WINDOW], eax
        jae fresh
        lock inc dword ptr [k+0xbc0]
fresh:  cmp dword ptr [k+0xb80], 0
        je looks
        cli
        ret

on_shootdown: push rax
        mov eax, WINDOW
        invlpg [rax]
        pop rax
        lock inc dword ptr [k+0xb00]
        mov dword ptr [APIC + 0xb0], 0
        iretq

check_shootdown:
        xor eax, eax
        mov edi, k+0xbc0
        mov esi, text_shootdown
        jmp compare

; --- ring: each sleeps in HLT until its neighbour wakes it -----------------------------------------------
ring:   mov r12d, dword ptr [few]
turns:  cli
        mov eax, dword ptr [k+0xc00]
        xor edx, edx
        div dword ptr [cpus]
        cmp edx, ebp
        je mine
        sti
        hlt
        jmp turns
mine:   sti
        lock inc dword ptr [k+0xc00]
        lea eax, [rbp+1]
        cmp eax, dword ptr [cpus]
        jne wakes
        xor eax, eax
wakes:  shl eax, 24
        cli
        mov dword ptr [APIC + 0x310], eax
        mov dword ptr [APIC + 0x300], 0x4040
        dec r12d
        jne turns
        sti
        nop
        cli
        ret

on_ring: mov dword ptr [APIC + 0xb0], 0
        iretq

check_ring:
        mov eax, dword ptr [few]
        mul dword ptr [cpus]
        mov edi, k+0xc00
        mov esi, text_ring
        jmp compare

; --- NMIs wake a processor that halts with interrupts off --------------------------------------------------
nmi:    cmp dword ptr [cpus], 1
        je quiet
        cmp ebp, 1
        je sleeps
        ja quiet
strikes: mov ebx, dword ptr [k+0xd00]
        mov dword ptr [APIC + 0x310], 0x1000000
        mov dword ptr [APIC + 0x300], 0x4400
struck: pause
        cmp dword ptr [k+0xd00], ebx
        je struck
        cmp dword ptr [k+0xd40], 0
        je strikes
quiet:  ret
sleeps: hlt
        mov eax, dword ptr [k+0xd00]
        cmp eax, dword ptr [few]
        jb sleeps
        mov dword ptr [k+0xd40], 1
        ret

on_nmi: inc dword ptr [k+0xd00]
        iretq

check_nmi:
        cmp dword ptr [cpus], 1
        je quiet
        mov eax, 1
        mov edi, k+0xd40
        mov esi, text_nmi
        jmp compare

fault:  mov esi, text_fault
        call say
        mov eax, 2
        jmp leave

; --- text ---------------------------------------------------------------------------------------------------
; EDI: counter, R12D: what it should be, ESI: its name.
expect: mov eax, r12d
; The same with EAX.
compare: push rax
        call say
        pop rax
        cmp dword ptr [rdi], eax
        je right_value
        inc dword ptr [errors]
        push rax
        mov esi, text_wrong
        call say
        pop rax
        call number
        mov esi, text_not_this
        call say
        mov eax, dword ptr [rdi]
        call number
        jmp line
right_value: mov esi, text_right
        call say
line:   mov al, 10
        jmp put

number: mov ebx, 10
        xor ecx, ecx
divide: xor edx, edx
        div ebx
        add edx, '0'
        push rdx
        inc ecx
        test eax, eax
        jne divide
print:  pop rax
        call put
        dec ecx
        jne print
        ret

say:    lodsb
        test al, al
        je said
        call put
        jmp say
said:   ret

put:    mov bl, al
        mov dx, 0x3fd
full:   in al, dx
        test al, 0x20
        je full
        mov al, bl
        mov dx, 0x3f8
        out dx, al
        mov ebx, 10
        ret

text_inc:        .asciz "INC"
text_add:        .asciz "ADD"
text_sub:        .asciz "SUB"
text_dec:        .asciz "DEC"
text_xadd:       .asciz "XADD"
text_xadd64:     .asciz "XADD of 64 bits"
text_cmpxchg:    .asciz "CMPXCHG"
text_cmpxchg64:  .asciz "CMPXCHG of 64 bits"
text_cmpxchg8b:  .asciz "CMPXCHG8B"
text_cmpxchg16b: .asciz "CMPXCHG16B"
text_adc:        .asciz "ADC"
text_sbb:        .asciz "SBB"
text_xor:        .asciz "XOR"
text_not:        .asciz "NOT"
text_neg:        .asciz "NEG"
text_and:        .asciz "OR and AND"
text_bits:       .asciz "BTS, BTR and BTC"
text_narrow:     .asciz "bytes and words"
text_line:       .asciz "across cache lines"
text_cross:      .asciz "across pages"
text_spinlock:   .asciz "spinlock"
text_bitlock:    .asciz "bit lock"
text_tickets:    .asciz "ticket lock"
text_ordering:   .asciz "store, fence, load"
text_modifying:  .asciz "cross-modifying code"
text_shootdown:  .asciz "TLB shoot-down"
text_ring:       .asciz "ring of halted processors"
text_nmi:        .asciz "NMI"
text_right:      .asciz ": right"
text_wrong:      .asciz ": WRONG, expected "
text_not_this:   .asciz " and got "
text_fault:      .asciz "a fault\n"

        .align 8
gdt:    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff, 0
gdt_pointer: .word 39
        .long gdt
        .align 8
idt_pointer: .word 4095
        .quad IDT
        .align 8
test_now:   .quad 0
count:      .long 0
few:        .long 0
cpus:       .long 0
        .space 52
present:    .long 0
        .space 60
arrived:    .long 0
        .space 60
generation: .long 0
        .space 60
errors:     .long 0
end:
