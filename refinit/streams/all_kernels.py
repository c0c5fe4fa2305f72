"""Every kernel there is, for the command line, tools and tests that go through all; nothing that fills imports this."""

from ..kernels.cpu.memory.table import KERNELS as CPU_MEMORY
from ..kernels.cuda.memory.table import KERNELS as CUDA_MEMORY
from .counter.kernels.cpu.table import KERNELS as COUNTER_CPU
from .counter.kernels.cuda.table import KERNELS as COUNTER_CUDA
from .torch_cpu.kernels.table import KERNELS as TORCH_CPU
from .torch_cuda.kernels.cpu.table import KERNELS as TORCH_CUDA_CPU
from .torch_cuda.kernels.cuda.table import KERNELS as TORCH_CUDA

CPU_KERNELS = CPU_MEMORY | TORCH_CPU | TORCH_CUDA_CPU | COUNTER_CPU
CUDA_KERNELS = CUDA_MEMORY | TORCH_CUDA | COUNTER_CUDA
