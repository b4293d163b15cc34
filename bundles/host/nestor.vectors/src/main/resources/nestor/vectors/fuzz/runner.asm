; SPDX-License-Identifier: Apache-2.0
; Runs programs on the host's CPU. A static program for Linux, without a C library.
;
; Its argument is a file of slots, which it shares with its parent. It greets on standard output,
; then for each count of slots read from standard input runs that many programs, and answers with
; the count. A program ends in a signal: the HLT behind it faults, if nothing does before. The
; handler keeps what the kernel saved of the program, and goes on with the next: it never returns.
;
; A slot, see NativeRunner: input at 0, output at 4000h.

        .code64
        jmp start

slots = 0x700000000000          ; far from what a program may reach by accident
slots_bytes = 0x800000
window = 0x10000000
read_only = 0x10004000
code = 0x20000000

greeting: .space 64
count:    .quad 0
left:     .quad 0
slot:     .quad 0
image:    .quad 0                          ; length of an XSAVE image
mask:     .quad 0                          ; XSAVE components in use
stack:    .quad stack_top
action:   .quad handler                    ; struct kernel_sigaction
          .quad 0x4C000004                 ; SA_NODEFER SA_ONSTACK SA_RESTORER SA_SIGINFO
          .quad handler
          .quad 0
other:    .quad signal_stack               ; stack_t
          .quad 0
          .quad 0x10000
signals:  .quad 4, 5, 7, 8, 11, 0

start:    mov rdi, [rsp+16]             ; open the file of slots
          mov esi, 2
          xor edx, edx
          mov eax, 2
          syscall
          test rax, rax
          js failed
          mov r8, rax                   ; map it
          mov rdi, slots
          mov esi, slots_bytes
          mov edx, 3
          mov r10d, 0x11
          xor r9d, r9d
          mov eax, 9
          syscall
          test rax, rax
          js failed
          mov edi, window               ; the three windows
          mov esi, 0x2000
          mov edx, 3
          call anonymous
          mov edi, read_only
          mov esi, 0x1000
          mov edx, 3
          call anonymous
          mov edi, code
          mov esi, 0x10000
          mov edx, 7
          call anonymous
          mov edi, code
          mov ecx, 0x10000
          mov eax, 0xCC
          rep stosb
          xor ecx, ecx                  ; the fill of the page that can only be read
fill:     imul eax, ecx, 0x9D
          mov edx, ecx
          shr edx, 8
          imul edx, edx, 0x3B
          lea eax, [rax+rdx+0x5A]
          mov [rcx+read_only], al
          inc ecx
          cmp ecx, 0x1000
          jb fill
          mov edi, read_only
          mov esi, 0x1000
          mov edx, 1
          mov eax, 10
          syscall
          lea rdi, [rip+other]          ; signals come on a stack of their own
          xor esi, esi
          mov eax, 131
          syscall
          lea rbx, [rip+signals]
install:  mov rdi, [rbx]
          test rdi, rdi
          je greet
          lea rsi, [rip+action]
          xor edx, edx
          mov r10d, 8
          mov eax, 13
          syscall
          test rax, rax
          js failed
          add rbx, 8
          jmp install

greet:    xor eax, eax
          cpuid
          mov ecx, ebx
          mov [rip+greeting], rcx
          xor ecx, ecx
          xgetbv
          and eax, 0xE7
          mov [rip+mask], rax
          mov [rip+greeting+8], rax
          lea rsi, [rip+greeting+16]
          mov edi, 2
offsets:  mov eax, 0xD
          mov ecx, edi
          cpuid
          mov ecx, ebx
          mov [rsi], rcx
          add ecx, eax
          cmp rcx, [rip+image]
          jbe smaller
          mov [rip+image], rcx
smaller:  add rsi, 8
          inc edi
          cmp edi, 8
          jb offsets
          mov ecx, 576                  ; components that are not in use do not count
          cmp rcx, [rip+image]
          jbe enough
          mov [rip+image], rcx
enough:   lea rsi, [rip+greeting]
          mov edx, 64
          call write

batch:    xor edi, edi                  ; how many?
          lea rsi, [rip+count]
          mov edx, 8
          xor eax, eax
          syscall
          cmp rax, 8
          jne finished
          mov rax, [rip+count]
          mov [rip+left], rax
          mov rax, slots
          mov [rip+slot], rax
next:     cmp qword ptr [rip+left], 0
          je answer
          dec qword ptr [rip+left]
          mov rbx, [rip+slot]
          lea rsi, [rbx+0x2000]
          mov edi, window
          mov ecx, 0x2000
          rep movsb
          lea rsi, [rbx+0x100]
          mov rdi, [rbx+0x88]
          mov rcx, [rbx+0x90]
          rep movsb
          mov rax, [rbx+0x98]
          wrfsbase rax
          mov rax, [rbx+0xA0]
          wrgsbase rax
          mov rax, [rip+mask]
          xor edx, edx
          xrstor [rbx+0x800]
          push 0x2B                     ; SS RSP RFLAGS CS RIP for IRETQ
          push qword ptr [rbx+0x20]
          push qword ptr [rbx+0x80]
          push 0x33
          push qword ptr [rbx+0x88]
          mov rax, [rbx]
          mov rcx, [rbx+0x08]
          mov rdx, [rbx+0x10]
          mov rbp, [rbx+0x28]
          mov rsi, [rbx+0x30]
          mov rdi, [rbx+0x38]
          mov r8, [rbx+0x40]
          mov r9, [rbx+0x48]
          mov r10, [rbx+0x50]
          mov r11, [rbx+0x58]
          mov r12, [rbx+0x60]
          mov r13, [rbx+0x68]
          mov r14, [rbx+0x70]
          mov r15, [rbx+0x78]
          mov rbx, [rbx+0x18]
          iretq

handler:  mov rbx, [rip+slot]           ; signal, siginfo, ucontext in rdi, rsi, rdx
          lea rsi, [rdx+40]             ; general registers as the kernel has them
          lea rdi, [rbx+0x4000]
          mov ecx, 184
          rep movsb
          rdfsbase rax
          mov [rbx+0x40C0], rax
          rdgsbase rax
          mov [rbx+0x40C8], rax
          mov rsi, [rdx+224]            ; the XSAVE image
          lea rdi, [rbx+0x4100]
          mov rcx, [rip+image]
          rep movsb
          mov esi, window
          lea rdi, [rbx+0x6000]
          mov ecx, 0x2000
          rep movsb
          mov rdi, [rbx+0x88]           ; the code goes
          mov rcx, [rbx+0x90]
          mov eax, 0xCC
          rep stosb
          mov rsp, [rip+stack]
          add qword ptr [rip+slot], 0x8000
          jmp next

answer:   lea rsi, [rip+count]
          mov edx, 8
          call write
          jmp batch

write:    mov edi, 1
          mov eax, 1
          syscall
          ret

anonymous: mov r10d, 0x32
          mov r8, -1
          xor r9d, r9d
          mov eax, 9
          syscall
          test rax, rax
          js failed
          ret

finished: xor edi, edi
          mov eax, 60
          syscall
failed:   mov edi, 1
          mov eax, 60
          syscall

.align 64
signal_stack: .space 0x10000
program_stack: .space 0x1000
stack_top: .quad 0
