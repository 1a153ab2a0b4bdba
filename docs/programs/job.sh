#!/bin/bash
#SBATCH --job-name=flow
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --time=01:00:00
#SBATCH --requeue
# The same line begins the run and goes on with it: restart.py looks into the folder.
exec python restart.py run 0.1
