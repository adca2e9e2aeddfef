// htmx comes with the admin's frame. It may write no style of its own (the policy refuses it) and evaluate no attribute.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
