#pragma once

#error "the emulator has no tensor cores: keep <mma.h> and what uses it behind #ifndef GRADER_EMU"
