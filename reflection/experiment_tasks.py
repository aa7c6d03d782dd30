"""What a worker does for the next experiment: Optuna is imported here and in commands alone."""

from reflection import optimising
from reflection.models import Experiment
from reflection.services.experiments import keep_experiment
from reflection.services.trials import read_trials
from training.models import Dataset

PROPOSALS = 24


def compute(dataset_id: int) -> None:
    """Compute the next experiment on a history; nothing happens with too few sessions."""
    dataset = Dataset.objects.filter(pk=dataset_id).first()
    if dataset is not None:
        compute_for(dataset)


def compute_for(dataset: Dataset) -> Experiment | None:
    """The next experiment, computed now; None with too few sessions. Seconds."""
    trials = read_trials(dataset)
    if trials is None:
        return None
    tried, outcomes = trials.settings, trials.outcomes
    proposals = optimising.propose(
        trials.space, tried, outcomes, count=PROPOSALS, seed=trials.newest
    )
    shares = optimising.importances(trials.space, tried, outcomes)
    return keep_experiment(dataset=dataset, trials=trials, proposals=proposals, shares=shares)
