# Every target works in a fresh checkout: it first makes its environment as constraints.txt pins it, .venv for all
# but cuda-check (.venv-cuda: no torch, but CUDA's compiler), gpu (.venv-gpu-cuda13), aarch64-check and matrix.
# Needs Python >= 3.11 with pip, make and gcc. Another interpreter: make PYTHON=python3.12 test

PYTHON ?= python3
BIN := .venv/bin
CUDA_BIN := .venv-cuda/bin
# The extra of the GPU driver's CUDA version: make CUDA=cuda12 gpu
CUDA ?= cuda13
GPU_BIN := .venv-gpu-$(CUDA)/bin
comma := ,
# Two workers: the suite takes little memory, and most of its time is one core's work.
PYTEST_ARGS ?= -n 2
VERIFY_ARGS ?= --budget quick
# `existing` is the interpreter that asv itself runs under.
ASV := $(BIN)/asv --config benchmarks/asv.conf.json
# Some machines set these for OpenBLAS builds older than ours; they would slow only our side of orthogonal_.
# And torch's idle OpenMP workers would spin on the cores while refinit's threads run.
BENCH_ENV := env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE OMP_WAIT_POLICY=passive

.DEFAULT_GOAL := help
.PHONY: help venv verify test cuda-check cuda-verify-ptx cuda-verify-sim aarch64-check matrix lint bench gpu readme clean

help: venv ## (default) make .venv and list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

venv: .venv/.installed ## make .venv and install what constraints.txt pins

# $(call install,EXTRAS,CONSTRAINTS) into the folder of the target.
# hatchling first and no build isolation, so that the build backend is the pinned one too.
# The link gives a checkout the harness's installed name, which the wheel gives everyone else.
define install
test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
$(@D)/bin/python -m pip install --quiet $(2) hatchling
$(@D)/bin/python -m pip install --quiet $(2) --no-build-isolation -e '.[$(1)]'
ln -sfn ../../../../verify "$$($(@D)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/refinit_verify"
touch $@
endef

.venv/.installed: pyproject.toml constraints.txt
	$(call install,dev,-c constraints.txt)

.venv-cuda/.installed: pyproject.toml constraints.txt constraints-cuda.txt
	$(call install,cuda-check,-c constraints.txt -c constraints-cuda.txt)

# CUDA's own packages are the driver's affair, so constraints-cuda.txt does not pin them here.
.venv-gpu-$(CUDA)/.installed: pyproject.toml constraints.txt
	$(call install,$(CUDA)$(comma)dev,-c constraints.txt)
	$(@D)/bin/python -m pip install --quiet cupy-$(CUDA)x

verify: venv ## compare every function with torch and with its law, over the shapes of real models
	$(BIN)/python -m verify $(VERIFY_ARGS)

test: venv ## run the tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# No GPU is needed: kernels are compiled, read, executed on the CPU and simulated. The last line compares what was
# proven with the table of docs/cuda.md.
cuda-check: .venv-cuda/.installed ## compile every CUDA kernel, lint it, and run its compiled code on the CPU
	$(CUDA_BIN)/python -m pytest $(PYTEST_ARGS) --proofs .venv-cuda/proofs.json tests/cuda
	$(MAKE) --jobs 2 --output-sync=target cuda-verify-ptx cuda-verify-sim
	$(CUDA_BIN)/python -m docs.rungs .venv-cuda/proofs.json

# One core's work each, so side by side.
cuda-verify-ptx: .venv-cuda/.installed
	$(CUDA_BIN)/python -m verify --subject refinit:counter@cuda-ptx $(VERIFY_ARGS)

cuda-verify-sim: .venv-cuda/.installed
	$(CUDA_BIN)/python -m verify --subject refinit:counter@cuda-sim --budget tiny --dtype float32

# Emulated, a test takes ten times as long and a kernel seconds to compile: not the whole suite.
AARCH64_TESTS ?= tests/streams/torch_cpu/test_golden.py tests/streams/counter/test_golden.py tests/arrays

.venv-aarch64/.installed: constraints.txt tests/platforms/aarch64.sh
	sh tests/platforms/aarch64.sh $(PYTHON)

aarch64-check: export REFINIT_CACHE_DIR := $(CURDIR)/.venv-aarch64/cache
aarch64-check: .venv-aarch64/.installed ## golden hashes, layouts and verify on 64-bit ARM, emulated (needs qemu-user and mmdebstrap)
	.venv-aarch64/bin/python -m pytest -q -p no:cacheprovider $(AARCH64_TESTS)
	.venv-aarch64/bin/python -m verify --budget tiny

# uv finds the lowest versions that have wheels, and interpreters that are not on PATH.
.venv-matrix/uv/.installed:
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet uv
	touch $@

matrix: .venv-matrix/uv/.installed ## each Python that can be had, with the lowest and the newest packages: golden hashes and verify
	.venv-matrix/uv/bin/python -m tests.platforms.matrix $(MATRIX_ARGS)

lint: venv ## ruff, mypy, the import contracts, and asv's check of the benchmarks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(ASV) check -E existing

bench: venv ## asv's suite, quickly, then the table of ratios to torch
	$(ASV) machine --yes >/dev/null
	$(BENCH_ENV) $(ASV) run --quick -E existing
	$(BENCH_ENV) $(BIN)/python -m benchmarks.table

# With the interpreter that there is, so that a machine without a GPU is told before anything is installed.
gpu: ## on a machine with an NVIDIA GPU: tests, verify and benchmarks there, and a report in docs/gpu_reports to commit
	$(PYTHON) -m benchmarks.gpu_report --check
	$(MAKE) .venv-gpu-$(CUDA)/.installed
	$(GPU_BIN)/asv --config benchmarks/asv.conf.json machine --yes >/dev/null
	$(BENCH_ENV) $(GPU_BIN)/python -m benchmarks.gpu_report

readme: venv ## write the generated tables of README.md and docs/cuda.md, and the map (not the speed table: python -m benchmarks.table --write-readme)
	$(BIN)/python -m docs.layers
	$(BIN)/python -m docs.tables
	$(BIN)/python -m docs.rungs
	$(BIN)/python -m docs.map

clean: ## remove the environments and every cache in the checkout
	rm -rf .venv .venv-cuda .venv-gpu-* .venv-aarch64 .venv-libraries .venv-survey .venv-matrix .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis benchmarks/.asv build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
