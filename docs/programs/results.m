% octave-cli results.m FOLDER
arguments = argv();
folder = arguments{1};
s = load(fullfile(folder, 'run.vtkhdf'));     % u(i, j, k): at x(i), y(j), t(k)
printf('%d x %d points at %d times\n', size(s.u, 1), size(s.u, 2), size(s.u, 3));
printf('u at (0, 0), t = %g: %.2f\n', s.t(end), s.u(1, 1, end));
% surf(s.x, s.y, s.u(:, :, end)'); xlabel('x'); ylabel('y');
